import Harness
import Workloads

/// Who takes part in one comparison with external runtimes, ours first.
struct PeerArms {
  var software: PeerSoftware
  /// What layers multiply; nil for float32.
  var precision: CaseID.Precision?
  /// Who computes in float32, too.
  var besideF32: FloatArms
  var isTraining: Bool
  /// Whether the batch is as the file has it, so that no requests are gathered.
  var hasFixedBatch: Bool
  var threads: Int

  /// What ends the names of those that compute in float32 beside another precision.
  static let floatSuffix = "-f32"

  /// Ours, the newest engine first, one of them with as many in-flight requests as threads; then those
  /// of external runtimes, and each in float32 beside them as far as that is wanted.
  ///
  /// Training has one engine of ours, so that its long steps leave more blocks to all. On bytes there
  /// is one, too; beside runtimes that infer in bfloat16 ours computes in float32.
  ///
  /// - Parameters:
  ///   - peers: Names of external runtimes.
  ///   - floatOptions: What is asked of those in float32 in place of the case's options.
  /// - Returns: All arms.
  func all(_ peers: [String], floatOptions: [String: String]) -> [Arm] {
    let isFloat = precision == .bf16 && !isTraining
    var engines: [Engine] = [.native]
    if !isTraining, precision == nil { engines = Engine.generations.reversed() }
    var arms = engines.map { own($0.rawValue, of: $0, isInFloat32: isFloat) }
    if !isTraining, threads > 1, !hasFixedBatch {
      var gathered = own(Engine.native.gatheredArm, of: .native, isInFloat32: isFloat)
      gathered.options[CaseOptions.Key.requests.rawValue] = "\(threads)"
      arms.append(gathered)
    }
    // A file that is quantized itself has no float32 that it was made of.
    let hasFloats = !floatOptions.isEmpty
    if hasFloats, !isFloat, besideF32 != .nobody {
      arms.append(own(Engine.native.rawValue + Self.floatSuffix, of: .native, isInFloat32: true))
    }
    arms += peers.map { software.arm($0) }
    if hasFloats, besideF32 == .all {
      arms += peers.filter { !$0.hasSuffix(Engine.gatheredSuffix) }.map { peer in
        var arm = software.arm(peer)
        (arm.name, arm.isInFloat32) = (peer + Self.floatSuffix, true)
        arm.options.merge(floatOptions) { _, new in new }
        return arm
      }
    }
    return arms
  }

  private func own(_ name: String, of engine: Engine, isInFloat32: Bool) -> Arm {
    Arm(
      name: name, launch: PeerSoftware.own, engine: engine.rawValue, isInFloat32: isInFloat32)
  }

  /// Why a runtime has nothing to compute in the precision, in a few words; nil where it has.
  func refusal(of peer: String) -> String? {
    switch precision {
    case .int8? where peer.hasPrefix("pytorch"): "it quantizes by other means than a QDQ file"
    case .bf16? where peer.hasPrefix("onnxruntime"): "it computes no model of float32 in bf16"
    default: nil
    }
  }
}
