import Basics
import Foundation

/// The claims on record, and their audit.
package enum Claims {
  /// All claims, in the order of the files.
  ///
  /// - Throws: `Problem` naming the file and the place where one cannot be read.
  package static func load(_ records: Records = .builtIn) throws -> [Claim] {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    var claims: [Claim] = []
    for (name, data) in records.claimFiles.sorted(by: { $0.key < $1.key }) {
      do {
        claims += try decoder.decode([Claim].self, from: data)
      } catch let error as DecodingError {
        throw Problem(.malformed, "\(name): \(error.place).")
      }
    }
    var seen: Set<String> = []
    for claim in claims where !seen.insert(claim.id).inserted {
      throw Problem(.malformed, "two claims have the id '\(claim.id)'; ids are unique.")
    }
    return claims
  }

  /// What the documents are, by id.
  ///
  /// - Throws: `Problem` where there is no table of documents.
  package static func documents(_ records: Records = .builtIn) throws -> [String: String] {
    let table = try records.table("documents")
    return Dictionary(
      table.rows.indices.map {
        (table.text($0, "id"), table.text($0, "what"))
      },
      uniquingKeysWith: { first, _ in first })
  }

  /// Recomputes every claim and compares with what is on record.
  ///
  /// - Throws: `Problem` where a file cannot be read; a claim that cannot be evaluated is a
  ///   disagreement and no error.
  package static func audit(
    _ records: Records = .builtIn, local: LocalMeasurement? = nil
  ) throws -> Audit {
    let claims = try load(records)
    let measures = try LocalMeasures(records: records, claims: claims, measurement: local)
    var audited = audit(claims, records)
    for index in audited.indices {
      audited[index].local = measures.findings(for: audited[index].claim)
    }
    return Audit(claims: audited, tables: try TableIdentity.check(records))
  }

  /// Whether the claims given agree with what is on record; stops at the first that does not.
  package static func agree(_ claims: [Claim], _ records: Records) -> Bool {
    let auditor = Auditor(records: records, claims: claims)
    return claims.allSatisfy { auditor.audit($0).agrees }
  }

  /// Recomputes the claims given, which may differ from those of the records, and nothing else.
  package static func audit(_ claims: [Claim], _ records: Records) -> [AuditedClaim] {
    let auditor = Auditor(records: records, claims: claims)
    return claims.map(auditor.audit)
  }
}

package struct Audit: Sendable {
  package var claims: [AuditedClaim]
  /// The record tables' own arithmetic, row by row.
  package var tables: [TableIdentity.Result]

  /// Whether nothing disagrees with what is on record; otherwise the command ends with 10.
  package var agrees: Bool { disagreements.isEmpty }

  /// Every disagreement, each with its claim or table.
  package var disagreements: [String] {
    claims.flatMap { claim in claim.disagreements.map { "\(claim.id): \($0)" } }
      + tables.flatMap(\.disagreements)
      + (claims.isEmpty ? ["no claim is on record"] : [])
  }

  /// The claim of that id.
  ///
  /// - Throws: `Problem` with the nearest ids where there is none.
  package func claim(_ id: String) throws -> AuditedClaim {
    guard let claim = claims.first(where: { $0.id == id }) else {
      let hint = NearestNames.hint(to: id, among: claims.map(\.id))
      throw Problem(.absent, "there is no claim '\(id)'.\(hint) 'claims list' shows all.")
    }
    return claim
  }
}
