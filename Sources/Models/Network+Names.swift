import Basics

extension Network {
  /// Every family's networks, in the order of `costcurve list networks`; a new family has its line
  /// here.
  private static let families: [@Sendable (_ classes: Int) -> [Network]] = [
    ResNet.networks, SmallResNet.networks, AlexNet.networks, SmallAlexNet.networks,
    InceptionV3.networks, { _ in GameTower.all.map(\.network) },
    { _ in BERT.all.map(\.network) }, { _ in (GPT2.all + GPT2.singleLayers).map(\.network) },
    { _ in Transformer.all.map(\.network) }, { _ in [Seq2Seq().network] },
    { _ in [GPT2.bytes.network, ByteLSTM().network] },
  ]

  /// Number of logits where nothing else is asked for.
  package static let usualClasses = 1000

  private static let all = families.flatMap { $0(usualClasses) }

  /// The names that `named` knows, in the order of `costcurve list networks`.
  package static let names = all.map(\.name)

  /// A network by its name on the command line.
  ///
  /// - Parameters:
  ///   - name: One of `names`.
  ///   - classes: Number of logits, at least 1; nil for the usual number.
  /// - Returns: The network.
  /// - Throws: `absent` for a name that is not one, `usage` for classes of what has none: moves of
  ///   a game and tokens of a text are what they are.
  package static func named(_ name: String, classes: Int? = nil) throws(Problem) -> Network {
    for family in families {
      guard let network = family(classes ?? usualClasses).first(where: { $0.name == name }) else {
        continue
      }
      if let classes, classes != network.classes {
        throw Problem(
          .usage,
          "\(name) tells \(network.item == .position ? "moves" : "tokens") by "
            + "\(network.classes) numbers; it cannot have \(classes) classes.")
      }
      return network
    }
    throw Problem(
      .absent, "no network is called \(name); choose one of \(names.joined(separator: ", "))")
  }
}
