/// Where public records come from.
package struct PublicSource: Hashable, Sendable {
  /// Its title.
  package let what: String
  /// Its address or addresses, in the form in which a browser finds them.
  package let place: String
  /// Empty where none is stated.
  package let licence: String

  /// Every source of the tables.
  ///
  /// - Throws: `Problem` where the table of sources is not there.
  package static func all(_ records: Records = .builtIn) throws -> [PublicSource] {
    let table = try records.table("sources")
    return table.rows.indices.map { row in
      PublicSource(
        what: table.text(row, "what"),
        place: SourceAddress.followable(table.text(row, "where")),
        licence: table.text(row, "licence"))
    }
  }
}
