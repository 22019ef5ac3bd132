import Basics
import Harness

/// What must be equal before two runs' times may be compared with each other.
package struct Fingerprint: Codable, Hashable, Sendable {
  /// Names of the fields, in the order in which differences are told.
  package static let names = [
    "cpu", "family", "flags", "cores", "usable threads", "hypervisor", "kernel", "compiler",
    "march",
    "libraries",
  ]

  /// Values by name.
  package var fields: [String: String]

  /// The fingerprint of the machine and build that made a record.
  package init(_ context: Context) {
    let machine = context.machine
    let usable = min(Double(machine.affinity), machine.quota ?? .infinity)
    var fields = [
      "cpu": machine.cpu, "flags": machine.flags.joined(separator: " "),
      "cores": "\(machine.cores)", "usable threads": Units.number(usable),
      "hypervisor": machine.hypervisor ?? "none", "kernel": context.kernel,
      "compiler": context.compiler, "march": context.march,
      "libraries": context.libraries.map { "\($0.name) \($0.version) \($0.configuration)" }.sorted()
        .joined(separator: ", "),
    ]
    // Family, model and stepping, which records of schema 1 do not have.
    fields["family"] = machine.design
    self.fields = fields
  }

  /// The key that records without family, model and stepping have on this machine.
  package var olderKey: String {
    var older = self
    older.fields["family"] = nil
    return older.key
  }

  /// A short name that is equal exactly where all fields are (FNV-1a over them, 64 bits).
  package var key: String {
    var hash = FNV1a()
    for name in Self.names where name != "family" || fields[name] != nil {
      hash.add("\(name)=\(fields[name] ?? "")\n")
    }
    return hash.text
  }

  /// Names of the fields that differ, with both values.
  package func differences(from other: Fingerprint) -> [String] {
    Self.names.compactMap { name in
      // What one of them does not say is no difference.
      if name == "family", fields[name] == nil || other.fields[name] == nil { return nil }
      let (here, there) = (fields[name] ?? "", other.fields[name] ?? "")
      guard here != there else { return nil }
      if name == "flags" {
        let (mine, theirs) = (Set(here.split(separator: " ")), Set(there.split(separator: " ")))
        let odd = mine.symmetricDifference(theirs).sorted().prefix(6).joined(separator: " ")
        return "\(name): \(odd)"
      }
      return "\(name): \(here) against \(there)"
    }
  }
}
