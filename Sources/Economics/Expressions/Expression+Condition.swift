extension Expression.Condition {
  /// Whether a cell satisfies the condition with one of its values: as dates where both are, as
  /// numbers where both are, as text otherwise.
  func holds(_ cell: String, _ value: String) -> Bool {
    switch comparison {
    case .contains: return cell.contains(value)
    case .equal: return cell == value
    case .notEqual: return cell != value
    case .atMost, .atLeast, .below, .above: break
    }
    let order: (Double, Double)
    if let a = Double(cell), let b = Double(value) {
      order = (a, b)
    } else if let a = Day(cell), let b = Day(value) {
      order = (Double(a.number), Double(b.number))
    } else {
      return false
    }
    return switch comparison {
    case .atMost: order.0 <= order.1
    case .atLeast: order.0 >= order.1
    case .below: order.0 < order.1
    default: order.0 > order.1
    }
  }
}
