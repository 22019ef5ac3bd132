/// One side of a comparison: what to start, and which engine of it to ask for.
package struct Arm: Hashable, Sendable {
  /// As the user wrote it.
  package var name: String
  package var launch: WorkerLaunch
  /// The engine that the case ids end with when this arm is asked.
  package var engine: String?
  /// What this arm is asked beside the options of the case.
  package var options: [String: String]

  package init(
    name: String, launch: WorkerLaunch, engine: String? = nil, options: [String: String] = [:]
  ) {
    (self.name, self.launch, self.engine, self.options) = (name, launch, engine, options)
  }

  /// The request as this arm is to get it.
  package func request(for base: CaseRequest) -> CaseRequest {
    var request = base
    request.options.merge(options) { _, own in own }
    if let engine { request.id = CaseID.id(base.id, by: engine) }
    return request
  }
}
