import Basics

extension ModelFile {
  /// Nodes that compute named values from one another.
  package struct Graph: Sendable {
    package var name: String
    /// What it computes, in any order.
    package var nodes: [Node] = []
    /// Values that are given with the model.
    package var initializers: [Tensor] = []
    /// What a run is given; older models name initializers here too.
    package var inputs: [Port] = []
    /// What a run gives.
    package var outputs: [Port] = []

    /// Starts with nothing but a name.
    package init(name: String) { self.name = name }
  }

  /// An operator at its place.
  package struct Node: Sendable {
    /// Its own name; may be empty.
    package var name: String
    /// What it computes, for example `Conv`.
    package var operation: String
    /// Where that is defined; empty for ONNX's own operators.
    package var domain: String
    /// Names of the values that it reads; empty for one that is left out.
    package var inputs: [String]
    /// Names of the values that it gives; empty for one that nobody wants.
    package var outputs: [String]
    /// What it is told.
    package var attributes: [Attribute]

    package init(
      _ operation: String, name: String = "", domain: String = "", inputs: [String] = [],
      outputs: [String] = [], attributes: [Attribute] = []
    ) {
      (self.operation, self.name, self.domain) = (operation, name, domain)
      (self.inputs, self.outputs, self.attributes) = (inputs, outputs, attributes)
    }

    /// What it is told under a name.
    package subscript(attribute: String) -> Attribute.Value? {
      attributes.first { $0.name == attribute }?.value
    }
  }

  /// A value for those outside.
  package struct Port: Hashable, Sendable {
    package var name: String
    /// What is known of it.
    package var type: ValueType

    package init(_ name: String, _ type: ValueType) { (self.name, self.type) = (name, type) }
  }

  /// What is known of a value.
  package enum ValueType: Hashable, Sendable {
    /// A tensor; nil for dimensions that are not even counted.
    case tensor(Element, [Length]?)
    /// Something else, in a word: `sequence`, `map`, `optional`, `sparse tensor`, `unknown`.
    case other(String)
  }

  /// A dimension of a value.
  package enum Length: Hashable, Sendable {
    /// A number, at least 0.
    case fixed(Int)
    /// A name that stands for one number wherever it is used; empty for a number that is not known.
    case symbol(String)
  }

  /// What a node is told.
  package struct Attribute: Sendable {
    /// What it is told.
    package enum Value: Sendable {
      case float(Float)
      case integer(Int64)
      case text([UInt8])
      case tensor(Tensor)
      case graph(Graph)
      case floats([Float])
      case integers([Int64])
      case texts([[UInt8]])
      case tensors([Tensor])
      case graphs([Graph])
      /// What the function that the node is in was told under this name; ONNX's number of its type.
      case reference(String, type: Int)
      /// What cannot be read, in words.
      case other(String)
    }

    /// Under which name.
    package var name: String
    package var value: Value

    package init(_ name: String, _ value: Value) { (self.name, self.value) = (name, value) }
  }
}
