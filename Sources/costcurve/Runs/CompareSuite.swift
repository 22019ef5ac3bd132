import Harness
import Workloads

/// What a comparison is made on.
struct CompareSuite {
  var subject: WorkSubject
  var options: [CaseOptions.Key: String]
  var inputSize: Int?
  var batch: Int
  var threads: Int
  var engine: Engine

  /// Without a filter the square products, one layer of each kind, and inference; with one, any
  /// product, layer, inference or training step of the subject.
  func requests(_ filter: FilterOptions) throws -> [CaseRequest] {
    let products = try CaseSuite.products(
      of: subject, tokens: options[.sequence].flatMap { Int($0) }, batch: batch,
      threads: [threads], engines: [engine])
    let layers = try CaseSuite.convolutions(
      of: subject, inputSize: inputSize, batch: batch, threads: [threads], engines: [engine],
      directions: filter.filter == nil ? [.forward] : subject.directions)
    let kinds: [CaseRecord.Kind] = subject.isTrained ? [.infer, .train] : [.infer]
    let whole = kinds.map {
      CaseSuite.network(
        $0, name: subject.name, batch: batch, threads: threads, engine: engine, options: options)
    }
    guard filter.filter == nil else {
      return try filter.apply(products + layers + whole + texts())
    }
    let few = stride(from: 0, to: layers.count, by: max(1, layers.count / 4)).map { layers[$0] }
    return Array(products.prefix(CaseSuite.squares.count)) + few + [whole[0]]
  }

  /// A step of generating text and its prompt; none where the subject generates none.
  private func texts() throws -> [CaseRequest] {
    guard case .network(let network) = subject, network.generatesText else { return [] }
    return try CaseSuite.text(
      of: network, batch: batch, threads: threads, engine: engine, options: options)
  }
}
