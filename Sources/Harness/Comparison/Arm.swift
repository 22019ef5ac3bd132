/// One side of a comparison: what to start, and which engine of it to ask for.
package struct Arm: Hashable, Sendable {
  /// As the user wrote it.
  package var name: String
  package var launch: WorkerLaunch
  /// The engine that the case ids end with when this arm is asked.
  package var engine: String?
  /// What this arm is asked beside the options of the case, or in their place.
  package var options: [String: String]
  /// Whether it computes in float32 whatever the case's precision is.
  package var isInFloat32: Bool

  package init(
    name: String, launch: WorkerLaunch, engine: String? = nil, options: [String: String] = [:],
    isInFloat32: Bool = false
  ) {
    (self.name, self.launch, self.engine, self.options) = (name, launch, engine, options)
    self.isInFloat32 = isInFloat32
  }

  /// The request as this arm is to get it.
  package func request(for base: CaseRequest) -> CaseRequest {
    var request = base
    request.options.merge(options) { _, own in own }
    if isInFloat32, var id = CaseID(request.id) {
      id.precision = nil
      request.id = id.description
    }
    if let engine { request.id = CaseID.id(request.id, by: engine) }
    return request
  }
}
