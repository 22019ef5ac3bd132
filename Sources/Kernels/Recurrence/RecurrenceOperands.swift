extension Recurrence {
  /// What a call reads and writes.
  public struct Operands {
    /// The sequences.
    public var input: UnsafePointer<Float>
    /// What states and an LSTM's cells start from, `batch × states` each; nil for zeros.
    public var (state, cell): (UnsafePointer<Float>?, UnsafePointer<Float>?)
    /// Weights of an LSTM's cell in its gates of input, output and forgetting; nil for none.
    public var peepholes: UnsafePointer<Float>?
    /// Where the state of each step goes, and floats from step to step and from row to row; nil
    /// where nobody wants it.
    public var output: (start: UnsafeMutablePointer<Float>, step: Int, row: Int)?
    /// Where the last state and the last cell go, and floats from row to row.
    public var (lastState, lastCell): (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?)
    /// Floats from a row of the states that are given, or wanted, to the next.
    public var stateStride: Int

    /// Names the sequences; nothing else is given or wanted.
    public init(input: UnsafePointer<Float>, stateStride: Int) {
      (self.input, self.stateStride) = (input, stateStride)
    }
  }
}
