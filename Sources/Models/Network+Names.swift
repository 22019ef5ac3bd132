import Basics

extension Network {
  /// Every family's networks, in the order of `costcurve list networks`; a new family has its line
  /// here.
  private static let families: [@Sendable (_ classes: Int) -> [Network]] = [
    ResNet.networks, SmallResNet.networks, AlexNet.networks, SmallAlexNet.networks,
  ]

  /// Number of logits where nothing else is asked for.
  package static let usualClasses = 1000

  /// The names that `named` knows, in the order of `costcurve list networks`.
  package static let names = families.flatMap { $0(usualClasses) }.map(\.name)

  /// A network by its name on the command line.
  ///
  /// - Parameters:
  ///   - name: One of `names`.
  ///   - classes: Number of logits, at least 1.
  /// - Returns: The network.
  /// - Throws: `absent` for a name that is not one.
  package static func named(
    _ name: String, classes: Int = usualClasses
  ) throws(Problem) -> Network {
    for family in families {
      if let network = family(classes).first(where: { $0.name == name }) { return network }
    }
    throw Problem(
      .absent, "no network is called \(name); choose one of \(names.joined(separator: ", "))")
  }
}
