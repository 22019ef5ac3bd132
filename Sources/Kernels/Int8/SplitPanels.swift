extension WordPanels {
  /// Packs filters of bytes, each weight in 16 bits: for each word of the depth and each vector of
  /// columns one vector of the weights at even places of the word, and one of those at odd places.
  ///
  /// This takes two bytes a weight, and saves the steps that would widen weights in every tile.
  ///
  /// - Parameters:
  ///   - weights: `columns` rows of `taps` window positions of `channels` weights; copied.
  ///   - columns: At least 1.
  ///   - taps: At least 1.
  ///   - channels: At least 1; rounded up to whole words of four at each position.
  convenience init(
    splitting weights: UnsafePointer<Int8>, columns: Int, taps: Int, channels: Int
  ) {
    self.init(elements: 4, columns: columns, taps: taps, channels: channels, vectors: 2)
    forEachWord(elements: 4, taps: taps, channels: channels) { first, used, target in
      let (even, odd) = (Self.pair(weights + first, 0, used), Self.pair(weights + first, 1, used))
      target.storeBytes(of: even, as: UInt32.self)
      target.storeBytes(of: odd, toByteOffset: 4 * WordTileLimits.lanes, as: UInt32.self)
    }
  }

  /// Two weights of a word that are two places apart, in 16 bits each; 0 where there is none.
  private static func pair(_ word: UnsafePointer<Int8>, _ place: Int, _ used: Int) -> UInt32 {
    func bits(_ place: Int) -> UInt32 {
      place < used ? UInt32(UInt16(bitPattern: Int16(word[place]))) : 0
    }
    return bits(place) | bits(place + 2) << 16
  }
}
