import Harness
import Models
import Workloads

/// What a comparison is made on.
struct CompareSuite {
  var network: Network
  var options: [CaseOptions.Key: String]
  var inputSize: Int?
  var batch: Int
  var threads: Int
  var engine: Engine

  /// Without a filter the square products, one layer of each kind, and inference; with one, any
  /// product, layer, inference or training step of the network.
  func requests(_ filter: FilterOptions) throws -> [CaseRequest] {
    let products = CaseSuite.products(
      of: network, batch: batch, threads: [threads], engines: [engine])
    let layers = CaseSuite.convolutions(
      of: network, inputSize: inputSize, batch: batch, threads: [threads], engines: [engine],
      directions: filter.filter == nil ? [.forward] : CaseID.Direction.allCases)
    let kinds: [CaseRecord.Kind] = network.readsLabels ? [.infer, .train] : [.infer]
    let whole = kinds.map {
      CaseSuite.network(
        $0, name: network.name, batch: batch, threads: threads, engine: engine, options: options)
    }
    guard filter.filter == nil else { return try filter.apply(products + layers + whole) }
    let few = stride(from: 0, to: layers.count, by: max(1, layers.count / 4)).map { layers[$0] }
    return Array(products.prefix(CaseSuite.squares.count)) + few + [whole[0]]
  }
}
