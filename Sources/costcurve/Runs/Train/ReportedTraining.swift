import Harness
import Reporter
import Training

/// A training that says what it learns from.
protocol ReportedTraining: EpochTraining {
  var material: TrainingMaterial { get }
}

/// What a training learns from.
enum TrainingMaterial {
  /// So many images of Fashion-MNIST.
  case images(Int)
  /// A text, in sequences of so many bytes.
  case text(TextRecord, sequence: Int)

  /// How it is told from other material.
  var words: String {
    switch self {
    case .images: "Fashion-MNIST"
    case .text(let text, _): text.words
    }
  }

  /// What an epoch learns from: `60 000 images`.
  var amount: String {
    switch self {
    case .images(let count): Units.count(count, "image")
    case .text(let text, _): Units.count(text.trainBytes, "byte")
    }
  }
}

extension DatasetTraining: ReportedTraining {
  var material: TrainingMaterial { .images(data.train.count) }
}

extension TextTraining: ReportedTraining {
  var material: TrainingMaterial {
    .text(TextRecord(text, recipe), sequence: recipe.tokens)
  }
}

/// Which text was learned from: no path, but what tells it from any other.
struct TextRecord: Encodable {
  var bytes: Int
  var trainBytes: Int
  /// Held-out ones that each loss is of.
  var testBytes: Int
  var files: Int
  /// Of all bytes, in hexadecimal.
  var digest: String

  init(_ text: ByteText, _ recipe: TextRecipe) {
    (bytes, trainBytes, testBytes) = (text.count, text.train.count, recipe.testBytes(of: text))
    (files, digest) = (text.files, text.name)
  }

  /// `3 424 442 bytes in 700 files (text 1f2e…), 65 536 of them held out`.
  var words: String {
    "\(Units.grouped(bytes)) bytes in \(Units.count(files, "file")) (text \(digest)), "
      + "\(Units.grouped(testBytes)) of them held out"
  }
}

/// How results of tests are told: top-1 in percent, losses of held-out text in nats a byte.
extension TestMeasure {
  /// What is written of one measure.
  private struct Terms {
    var name: String
    var title: String
    var unit: String
    var lossUnit: String
    var lossDigits: Int
    var field: String
    /// What a result is multiplied by to be in its unit.
    var scale: Double
    /// What stands before and behind a result in a sentence.
    var before: String
    var behind: String
  }

  private var terms: Terms {
    switch self {
    case .accuracy:
      Terms(
        name: "top-1", title: "Top-1", unit: "%", lossUnit: "", lossDigits: 3, field: "top1",
        scale: 100, before: "top-1 ", behind: "")
    case .loss:
      Terms(
        name: "held out", title: "Held out", unit: "nats/byte", lossUnit: "nats/byte",
        lossDigits: 4, field: "test_loss", scale: 1, before: "", behind: " of held-out text")
    }
  }

  /// On a line.
  var name: String { terms.name }
  /// Above a column.
  var title: String { terms.title }
  var unit: String { terms.unit }
  /// Of losses of steps.
  var lossUnit: String { terms.lossUnit }
  /// Digits of a loss: of a text it is the result, and shown as exactly.
  var lossDigits: Int { terms.lossDigits }
  /// In a file of rows.
  var field: String { terms.field }

  /// A result in its unit.
  func shown(_ result: Double) -> Double { terms.scale * result }

  /// A result with its unit.
  func figure(_ result: Double) -> String {
    "\(Units.number(shown(result), digits: 4)) \(unit)"
  }

  /// A result as a sentence has it.
  func phrase(_ result: Double) -> String {
    terms.before + figure(result) + terms.behind
  }

  /// Loss and result on a line of progress.
  func progress(loss: Double, test: Double) -> String {
    "loss \(Units.number(loss, digits: lossDigits))  \(name) \(figure(test))"
  }

  /// A result in a table, without its unit.
  func cell(_ result: Double) -> DataTable.Cell {
    .init(Units.number(shown(result), digits: 4), number: shown(result))
  }
}
