/// A graph that cannot be: what is wrong with it, as a sentence.
package struct GraphError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A sentence that names the node or value at fault.
  package var description: String

  /// Wraps a sentence.
  package init(_ description: String) { self.description = description }
}
