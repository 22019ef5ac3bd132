import Basics

extension Network {
  /// Number of logits where nothing else is asked for.
  package static let usualClasses = 1000

  /// The names of networks for images, in the order of `costcurve list networks`.
  package static var imageNames: [String] {
    (ResNet.depths + SmallResNet.depths).map { "resnet\($0)" }
      + ["alexnet", SmallAlexNet.name, InceptionV3.name]
  }

  /// The names that `named` knows, in the order of `costcurve list networks`.
  package static var names: [String] { imageNames + GameTower.all.map(\.name) }

  /// A network by its name on the command line.
  ///
  /// - Parameters:
  ///   - name: One of `names`.
  ///   - classes: Number of logits; nil for the usual number.
  /// - Returns: The network.
  /// - Throws: `absent` for a name that is not one, `usage` for classes of a game's tower, whose
  ///   moves are what they are.
  package static func named(_ name: String, classes: Int? = nil) throws(Problem) -> Network {
    if let tower = GameTower.all.first(where: { $0.name == name }) {
      let classes = classes ?? tower.moves
      guard classes == tower.moves else {
        throw Problem(
          .usage,
          "\(name) tells moves by \(tower.moves) numbers; it cannot have \(classes) classes.")
      }
      return tower.network
    }
    if let network = ofImages(name, classes: classes ?? usualClasses) { return network }
    throw Problem(
      .absent, "no network is called \(name); choose one of \(names.joined(separator: ", "))")
  }

  private static func ofImages(_ name: String, classes: Int) -> Network? {
    switch name {
    case "alexnet": return AlexNet.network(classes: classes)
    case SmallAlexNet.name: return SmallAlexNet.network(classes: classes)
    case InceptionV3.name: return InceptionV3.network(classes: classes)
    default:
      guard name.hasPrefix("resnet"), let depth = Int(name.dropFirst(6)) else { return nil }
      return ResNet.network(depth: depth, classes: classes)
        ?? SmallResNet.network(depth: depth, classes: classes)
    }
  }
}
