import Graphs

/// What the translation knows of a value of the model.
enum KnownValue {
  /// Its elements.
  case constant(Constant)
  /// Where the graph has it.
  case placed(PlacedValue)

  var constant: Constant? {
    if case .constant(let constant) = self { constant } else { nil }
  }
}

/// A value that the graph computes, in the layout in which it has it.
struct PlacedValue {
  /// How the graph's elements stand to the model's.
  enum Layout: Hashable {
    /// In the same order.
    case plain
    /// `N C H W` in the model is `N H W C` here.
    case channelsLast
    /// `N × C·H·W` in the model is `N H W C` here.
    case flattened
  }

  /// The graph's value.
  var value: Graph.Value
  /// The model's dimensions, the outermost first.
  var dimensions: [Dimension]
  /// The order of the elements.
  var layout = Layout.plain
}
