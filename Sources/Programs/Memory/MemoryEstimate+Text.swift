import Graphs

extension MemoryEstimate {
  /// A text's prompt and steps behind it: both programs, and their caches.
  ///
  /// - Parameters:
  ///   - prompt: What reads the first tokens.
  ///   - step: What reads one more.
  ///   - batch: Texts side by side.
  ///   - threads: Threads that both run on.
  ///   - sharesFilters: Whether both read the same packed filters.
  /// - Returns: The sum.
  package static func text(
    prompt: Graph, step: Graph, batch: Int, threads: Int, sharesFilters: Bool
  ) -> MemoryEstimate {
    let programs = [prompt, step].reduce(0) {
      $0 + inference($1, batch: batch, threads: threads).bytes
    }
    let weights = 8 * step.parameters.reduce(0) { $0 + $1.count }
    return MemoryEstimate(bytes: programs - (sharesFilters ? weights : 0))
  }
}
