import ArgumentParser

/// The forms of a result that is a few lines or checks, with no table in it.
enum SummaryFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json
}
