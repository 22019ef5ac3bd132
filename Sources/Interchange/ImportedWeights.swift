import Basics
import Graphs
import Models

/// The parameters of a translated model, read from its file as they are asked for.
package struct ImportedWeights: WeightSource {
  /// How a parameter follows from a constant of the model.
  struct Recipe {
    var constant: Constant
    /// What is done to it.
    var change: Change
  }

  /// What is done to a constant's elements.
  struct Change: Hashable {
    /// Whether a matrix is turned round.
    var isTransposed = false
    /// What each element is multiplied by.
    var factor: Float = 1
    /// How often a single element is repeated.
    var copies = 1
  }

  private var recipes: [String: Recipe] = [:]

  /// Says how a parameter follows from the model.
  mutating func add(_ parameter: Parameter, _ recipe: Recipe) { recipes[parameter.name] = recipe }

  package func read(
    _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
  ) throws(Problem) {
    guard let recipe = recipes[parameter.name] else {
      throw .malformed("the model has no parameter \(parameter.name)")
    }
    let (constant, change) = (recipe.constant, recipe.change)
    if change.copies > 1 {
      values.update(repeating: Float(try constant.doubles()[0]))
    } else if change.isTransposed {
      let (rows, columns) = (constant.dimensions[0], constant.dimensions[1])
      var given = [Float](repeating: 0, count: constant.count)
      try given.withUnsafeMutableBufferPointer { buffer throws(Problem) in
        try constant.read(into: buffer)
      }
      for row in 0..<rows {
        for column in 0..<columns { values[column * rows + row] = given[row * columns + column] }
      }
    } else {
      try constant.read(into: values)
    }
    guard change.factor != 1 else { return }
    for index in values.indices { values[index] *= change.factor }
  }
}
