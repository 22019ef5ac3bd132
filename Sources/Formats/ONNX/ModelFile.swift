import Basics

/// A model in ONNX's file format: a graph of operators, and the tensors that they read.
///
/// Format: `onnx.proto` of <https://github.com/onnx/onnx>, version 1.23; sets of operators are
/// checked by who computes with them. Only the structure is held in memory: elements of tensors
/// stay in their files, each checked to lie there as a whole. What tools note for one another
/// (inferred shapes, training, quantisation, devices) is passed over.
package struct ModelFile: Sendable {
  /// The version of a set of operators.
  package struct OperatorSet: Hashable, Sendable {
    /// Empty for ONNX's own.
    package var domain: String
    package var version: Int

    package init(domain: String = "", version: Int) {
      (self.domain, self.version) = (domain, version)
    }
  }

  /// A note in free text.
  package struct Note: Hashable, Sendable {
    /// What it is about.
    package var key: String
    /// What it says.
    package var value: String

    package init(_ key: String, _ value: String) { (self.key, self.value) = (key, value) }
  }

  /// Operators under a name, which a node may call.
  package struct Function: Sendable {
    /// The name that nodes call, and its domain.
    package var (name, domain) = ("", "")
    /// Names of what it reads and of what it gives.
    package var (inputs, outputs): ([String], [String]) = ([], [])
    /// Names of attributes without a default.
    package var attributes: [String] = []
    /// Attributes with their defaults.
    package var defaults: [Attribute] = []
    /// What it computes.
    package var nodes: [Node] = []
    /// What its nodes mean.
    package var operatorSets: [OperatorSet] = []

    package init() {}
  }

  /// The version of the format; 8 came with the operators of version 17.
  package var formatVersion = 8
  /// The program that made it, and its version.
  package var (producer, producerVersion) = ("", "")
  /// What the nodes mean.
  package var operatorSets: [OperatorSet]
  /// What it computes.
  package var graph: Graph
  /// What its nodes may call.
  package var functions: [Function] = []
  package var notes: [Note] = []

  /// Joins a graph and what its nodes mean.
  package init(_ graph: Graph, operatorSets: [OperatorSet]) {
    (self.graph, self.operatorSets) = (graph, operatorSets)
  }

  /// The version of ONNX's own operators; nil where no node has one.
  package var operatorVersion: Int? {
    operatorSets.first { Self.isOwn($0.domain) }?.version
  }

  /// Whether a domain is that of ONNX's own operators.
  package static func isOwn(_ domain: String) -> Bool { domain.isEmpty || domain == "ai.onnx" }
}
