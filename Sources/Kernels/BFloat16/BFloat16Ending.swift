/// An epilogue's constants, as the tile reads them.
struct BFloat16Ending: WordEnding {
  /// Bytes of an element of the output: 2 for bfloat16, 4 for float32.
  let width: Int
  /// Bytes of an element of the residual; 0 where none is added.
  let residualWidth: Int
  /// Whether sums are kept between two bounds.
  let bounds: Bool
  /// The bounds; of two that contradict each other the upper one.
  let (least, most): (Float, Float)

  /// Takes an epilogue apart; a function that bounds do not stand for is left to others, who are given
  /// float32.
  init(_ epilogue: BFloat16Epilogue) {
    let isFunction = RoundedFunction(epilogue) != nil
    width = isFunction ? 4 : epilogue.output.byteCount
    residualWidth = epilogue.residual?.byteCount ?? 0
    switch epilogue.activation {
    case .relu?: (bounds, least, most) = (true, 0, .infinity)
    case .clip(let low, let high)?: (bounds, least, most) = (true, low, high)
    default: (bounds, least, most) = (false, -.infinity, .infinity)
    }
  }
}

extension RoundedFunction {
  /// What bounds do not stand for; nil where there is no such function.
  init?(_ epilogue: BFloat16Epilogue) {
    switch epilogue.activation {
    case nil, .relu?, .clip?: return nil
    case let function?: self.init(function: function, isRounded: epilogue.output == .bf16)
    }
  }
}
