import Harness
import Kernels
import Programs

/// A workload that is a program: a network's forward pass or training step.
protocol ProfiledWorkload: Workload {
  /// The network and its weights.
  var model: Model { get }
  /// What is timed.
  var program: Program { get }
  /// One call, telling of every unit that has ended.
  func run(finished: (_ unit: Int) -> Void)
}

extension ProfiledWorkload {
  var imagesPerCall: Int? { program.batch }
  var directFLOPs: FLOPs { program.directFLOPs }
  var executedFLOPs: FLOPs { program.executedFLOPs }

  var parameters: [String: JSONValue] {
    let shape = program.imageShape
    var numbers = [
      ("batch_size", shape.N / (requestsInFlight ?? 1)), ("input_size", shape.H),
      ("classes", model.network.classes), ("threads", threads),
      ("activation_bytes", program.activationBytes),
    ]
    if let requestsInFlight { numbers.append(("requests", requestsInFlight)) }
    return Dictionary(
      uniqueKeysWithValues: numbers.map { ($0, JSONValue.number(Double($1))) }
        + [("network", .string(model.network.name)), ("weights", .string(model.weightsName))])
  }
}
