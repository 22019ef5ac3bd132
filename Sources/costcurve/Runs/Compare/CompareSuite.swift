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
  /// What layers multiply; nil for float32.
  var precision: CaseID.Precision?

  /// Without a filter the square products, one layer of each kind, and inference; with one, any
  /// product, layer, inference or training step of the subject.
  func requests(_ filter: FilterOptions) throws -> [CaseRequest] {
    if let precision { return try filter.apply(requests(in: precision)) }
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

  /// Inference of the subject, and its layers forward, which is all that there is on bytes.
  private func requests(in precision: CaseID.Precision) throws -> [CaseRequest] {
    let layers = try CaseSuite.convolutions(
      of: subject, inputSize: inputSize, batch: batch, threads: [threads], engines: [engine],
      precision: precision)
    let whole = CaseSuite.network(
      .infer, name: subject.name, batch: batch, threads: threads, engine: engine,
      options: options, precision: precision)
    return [whole] + layers
  }
}
