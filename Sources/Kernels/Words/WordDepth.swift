/// How the depth of a direct convolution's filters is cut into words.
///
/// Where the channels of a group fill words, each position of a window begins with a word of its own,
/// and windows are read in place. Where they do not, and where there are so few that pointers would
/// cost more than products, windows are lowered: their elements follow one another, and only the last
/// word of a window is filled up.
struct WordDepth {
  /// Channels below which windows of more than one column are lowered.
  private static let fewChannels = 16

  /// Whether windows are lowered to rows; see `WordIm2col`.
  let isLowered: Bool
  /// Pieces that begin with a word of their own: the positions of a window, or 1.
  let taps: Int
  /// Elements of a piece: the channels of a group, or those of all positions.
  let channels: Int
  /// Words of a piece.
  let tapWords: Int

  /// Decides how it is cut.
  ///
  /// - Parameters:
  ///   - shape: Any shape.
  ///   - elements: Elements of a word.
  init(_ shape: ConvShape, elements: Int) {
    let (positions, own) = (shape.R * shape.S, shape.C / shape.groups)
    isLowered =
      own % elements != 0
      || (shape.hasContiguousWindowRows && shape.S > 1 && own < Self.fewChannels)
    taps = isLowered ? 1 : positions
    channels = isLowered ? positions * own : own
    tapWords = (channels + elements - 1) / elements
  }

  /// Words of the whole depth.
  var words: Int { taps * tapWords }
}
