import ArgumentParser
import Harness
import Reporter
import Workloads

/// `costcurve doctor`: what this machine's noise is, and the smallest change that it can see.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Measure this machine's noise and the smallest change it can show, in ten seconds.",
    discussion: "It changes nothing on the system. Example: costcurve doctor")

  @Option(help: "Seed for the random order of the pairs.")
  var seed: UInt64 = 1

  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.refuseUnwritable()
    let probe = { (id: String) in CaseRequest(id: id, repeat: "costcurve doctor") }
    var doctor = Doctor(
      registers: probe("peak/fma/t1"), cache: probe("peak/read-l2/t1"),
      kernel: probe("gemm/256x256x256/t1/\(Engine.standard.rawValue)"))
    doctor.seed = seed
    let cancel = Interrupt.cancelFlag()
    output.note("Looking at this machine for about ten seconds …")
    let findings = try doctor.examine(cancel: cancel)
    try output.emit(Document(findings), json: findings, csv: findings.csv)
  }
}
