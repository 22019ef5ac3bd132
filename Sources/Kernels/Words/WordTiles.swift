/// The tile of words at every height and width that is used, each compiled on its own.
enum WordTiles<Kernel: WordKernel> {
  /// Computes one tile of `rows` by `columns` vectors.
  ///
  /// - Parameters:
  ///   - rows: 1 to `Kernel.rows`.
  ///   - columns: 1 to `WordTileLimits.columns`.
  ///   - call: Where everything is.
  @inline(__always)
  static func multiply(
    rows: Int, columns: Int, _ call: borrowing WordTileCall<Kernel.Ending>
  ) {
    switch columns {
    #if COSTCURVE_AVX512 || arch(arm64)
      case 4: four(rows, call)
      case 3: three(rows, call)
    #endif
    case 2: two(rows, call)
    default: one(rows, call)
    }
  }

  #if COSTCURVE_AVX512 || arch(arm64)
    @inline(__always)
    private static func four(_ rows: Int, _ call: borrowing WordTileCall<Kernel.Ending>) {
      switch rows {
      case 6 where Kernel.rows >= 6: tile6x4(call)
      case 5 where Kernel.rows >= 6: tile5x4(call)
      case 4: tile4x4(call)
      case 3: tile3x4(call)
      case 2: tile2x4(call)
      default: tile1x4(call)
      }
    }

    @inline(__always)
    private static func three(_ rows: Int, _ call: borrowing WordTileCall<Kernel.Ending>) {
      switch rows {
      case 6 where Kernel.rows >= 6: tile6x3(call)
      case 5 where Kernel.rows >= 6: tile5x3(call)
      case 4: tile4x3(call)
      case 3: tile3x3(call)
      case 2: tile2x3(call)
      default: tile1x3(call)
      }
    }

    @inline(never)
    static func tile6x4(_ call: borrowing WordTileCall<Kernel.Ending>) {
      WordTile<6, 4>.multiply(call, by: Kernel.self)
    }
    @inline(never)
    static func tile5x4(_ call: borrowing WordTileCall<Kernel.Ending>) {
      WordTile<5, 4>.multiply(call, by: Kernel.self)
    }
    @inline(never)
    static func tile4x4(_ call: borrowing WordTileCall<Kernel.Ending>) {
      WordTile<4, 4>.multiply(call, by: Kernel.self)
    }
    @inline(never)
    static func tile3x4(_ call: borrowing WordTileCall<Kernel.Ending>) {
      WordTile<3, 4>.multiply(call, by: Kernel.self)
    }
    @inline(never)
    static func tile2x4(_ call: borrowing WordTileCall<Kernel.Ending>) {
      WordTile<2, 4>.multiply(call, by: Kernel.self)
    }
    @inline(never)
    static func tile1x4(_ call: borrowing WordTileCall<Kernel.Ending>) {
      WordTile<1, 4>.multiply(call, by: Kernel.self)
    }
    @inline(never)
    static func tile6x3(_ call: borrowing WordTileCall<Kernel.Ending>) {
      WordTile<6, 3>.multiply(call, by: Kernel.self)
    }
    @inline(never)
    static func tile5x3(_ call: borrowing WordTileCall<Kernel.Ending>) {
      WordTile<5, 3>.multiply(call, by: Kernel.self)
    }
    @inline(never)
    static func tile4x3(_ call: borrowing WordTileCall<Kernel.Ending>) {
      WordTile<4, 3>.multiply(call, by: Kernel.self)
    }
    @inline(never)
    static func tile3x3(_ call: borrowing WordTileCall<Kernel.Ending>) {
      WordTile<3, 3>.multiply(call, by: Kernel.self)
    }
    @inline(never)
    static func tile2x3(_ call: borrowing WordTileCall<Kernel.Ending>) {
      WordTile<2, 3>.multiply(call, by: Kernel.self)
    }
    @inline(never)
    static func tile1x3(_ call: borrowing WordTileCall<Kernel.Ending>) {
      WordTile<1, 3>.multiply(call, by: Kernel.self)
    }
  #endif

  @inline(__always)
  private static func two(_ rows: Int, _ call: borrowing WordTileCall<Kernel.Ending>) {
    switch rows {
    case 6 where Kernel.rows >= 6: tile6x2(call)
    case 5 where Kernel.rows >= 6: tile5x2(call)
    case 4: tile4x2(call)
    case 3: tile3x2(call)
    case 2: tile2x2(call)
    default: tile1x2(call)
    }
  }

  @inline(__always)
  private static func one(_ rows: Int, _ call: borrowing WordTileCall<Kernel.Ending>) {
    switch rows {
    case 6 where Kernel.rows >= 6: tile6x1(call)
    case 5 where Kernel.rows >= 6: tile5x1(call)
    case 4: tile4x1(call)
    case 3: tile3x1(call)
    case 2: tile2x1(call)
    default: tile1x1(call)
    }
  }

  @inline(never)
  static func tile6x2(_ call: borrowing WordTileCall<Kernel.Ending>) {
    WordTile<6, 2>.multiply(call, by: Kernel.self)
  }
  @inline(never)
  static func tile5x2(_ call: borrowing WordTileCall<Kernel.Ending>) {
    WordTile<5, 2>.multiply(call, by: Kernel.self)
  }
  @inline(never)
  static func tile4x2(_ call: borrowing WordTileCall<Kernel.Ending>) {
    WordTile<4, 2>.multiply(call, by: Kernel.self)
  }
  @inline(never)
  static func tile3x2(_ call: borrowing WordTileCall<Kernel.Ending>) {
    WordTile<3, 2>.multiply(call, by: Kernel.self)
  }
  @inline(never)
  static func tile2x2(_ call: borrowing WordTileCall<Kernel.Ending>) {
    WordTile<2, 2>.multiply(call, by: Kernel.self)
  }
  @inline(never)
  static func tile1x2(_ call: borrowing WordTileCall<Kernel.Ending>) {
    WordTile<1, 2>.multiply(call, by: Kernel.self)
  }
  @inline(never)
  static func tile6x1(_ call: borrowing WordTileCall<Kernel.Ending>) {
    WordTile<6, 1>.multiply(call, by: Kernel.self)
  }
  @inline(never)
  static func tile5x1(_ call: borrowing WordTileCall<Kernel.Ending>) {
    WordTile<5, 1>.multiply(call, by: Kernel.self)
  }
  @inline(never)
  static func tile4x1(_ call: borrowing WordTileCall<Kernel.Ending>) {
    WordTile<4, 1>.multiply(call, by: Kernel.self)
  }
  @inline(never)
  static func tile3x1(_ call: borrowing WordTileCall<Kernel.Ending>) {
    WordTile<3, 1>.multiply(call, by: Kernel.self)
  }
  @inline(never)
  static func tile2x1(_ call: borrowing WordTileCall<Kernel.Ending>) {
    WordTile<2, 1>.multiply(call, by: Kernel.self)
  }
  @inline(never)
  static func tile1x1(_ call: borrowing WordTileCall<Kernel.Ending>) {
    WordTile<1, 1>.multiply(call, by: Kernel.self)
  }
}
