import Foundation

/// A JSON Schema, as far as the project's own schemas go.
///
/// Knows `type`, `const`, `enum`, `required`, `properties`, `items`, `minItems`, `maxItems`,
/// `additionalProperties`, `$ref` to `#/$defs/NAME` of its own or of a file beside it; refuses any other keyword, so that
/// nothing in a schema goes unchecked.
public struct JSONSchema {
  private let root: [String: Any]
  private let folder: URL

  /// - Throws: What reading the file or its JSON throws.
  public init(contentsOf url: URL) throws {
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
    root = object as? [String: Any] ?? [:]
    folder = url.deletingLastPathComponent()
  }

  /// Every way in which a document does not fit, each with its place; empty where it fits.
  ///
  /// - Throws: What reading the JSON throws.
  public func violations(in json: Data) throws -> [String] {
    violations(
      of: try JSONSerialization.jsonObject(with: json, options: .fragmentsAllowed), by: root,
      at: "$")
  }

  /// Every object of the schema that says nothing of further members, by its place.
  public var openObjects: [String] { Self.openObjects(of: root, at: "$") }

  private static func openObjects(of value: Any, at place: String) -> [String] {
    if let list = value as? [Any] {
      return list.enumerated().flatMap { openObjects(of: $1, at: "\(place)[\($0)]") }
    }
    guard let schema = value as? [String: Any] else { return [] }
    let types = schema["type"] as? [String] ?? [schema["type"] as? String ?? ""]
    let isOpen = types.contains("object") && schema["additionalProperties"] == nil
    return (isOpen ? [place] : [])
      + schema.flatMap { openObjects(of: $1, at: "\(place).\($0)") }
  }

  private func violations(of value: Any, by schema: [String: Any], at place: String) -> [String] {
    var found: [String] = []
    for (keyword, rule) in schema {
      switch keyword {
      case "$schema", "$defs", "$id", "title", "description", "examples": continue
      case "$ref":
        let parts = (rule as? String ?? "").split(separator: "#", omittingEmptySubsequences: false)
        let name = parts.last?.replacing("/$defs/", with: "") ?? ""
        // A definition of another file may refer to its own neighbours.
        let home =
          parts[0].isEmpty
          ? self : try? JSONSchema(contentsOf: folder.appendingPathComponent(String(parts[0])))
        let target = (home?.root["$defs"] as? [String: Any])?[String(name)] as? [String: Any]
        guard let home, let target else {
          return ["\(place): there is no definition '\(rule)'"]
        }
        found += home.violations(of: value, by: target, at: place)
      case "type":
        let types = rule as? [String] ?? [rule as? String ?? ""]
        if !types.contains(where: { Self.has(value, type: $0) }) {
          found.append("\(place): not of type \(types.joined(separator: " or "))")
        }
      case "const", "enum":
        let allowed = rule as? [Any] ?? [rule]
        if !allowed.contains(where: { Self.equal($0, value) }) {
          found.append("\(place): \(value) is not among \(allowed)")
        }
      case "required":
        guard let object = value as? [String: Any] else { continue }
        for name in rule as? [String] ?? [] where object[name] == nil {
          found.append("\(place): '\(name)' is missing")
        }
      case "properties":
        let object = value as? [String: Any] ?? [:]
        for (name, part) in rule as? [String: [String: Any]] ?? [:] {
          guard let member = object[name] else { continue }
          found += violations(of: member, by: part, at: "\(place).\(name)")
        }
      case "additionalProperties" where rule as? Bool == false:
        let known = schema["properties"] as? [String: Any] ?? [:]
        let extra = (value as? [String: Any] ?? [:]).keys.filter { known[$0] == nil }
        found += extra.map { "\(place): '\($0)' is not in the schema" }
      case "additionalProperties":
        let known = schema["properties"] as? [String: Any] ?? [:]
        for (name, member) in value as? [String: Any] ?? [:] where known[name] == nil {
          found += violations(
            of: member, by: rule as? [String: Any] ?? [:], at: "\(place).\(name)")
        }
      case "items":
        for (index, item) in (value as? [Any] ?? []).enumerated() {
          found += violations(
            of: item, by: rule as? [String: Any] ?? [:], at: "\(place)[\(index)]")
        }
      case "minItems", "maxItems":
        let (count, bound) = ((value as? [Any])?.count, rule as? Int ?? 0)
        guard let count else { continue }
        if keyword == "minItems" ? count < bound : count > bound {
          found.append("\(place): \(count) items where \(keyword) is \(bound)")
        }
      default:
        found.append("\(place): the schema's keyword '\(keyword)' is not checked")
      }
    }
    return found
  }

  private static func has(_ value: Any, type: String) -> Bool {
    let number = value as? NSNumber
    let isBool = number.map { isBoolean($0) } ?? false
    return switch type {
    case "null": value is NSNull
    case "boolean": isBool
    case "number": number != nil && !isBool
    case "integer": number.map { !isBool && $0.doubleValue == $0.doubleValue.rounded() } ?? false
    case "string": value is String
    case "array": value is [Any]
    case "object": value is [String: Any]
    default: false
    }
  }

  private static func equal(_ a: Any, _ b: Any) -> Bool {
    if a is NSNull || b is NSNull { return a is NSNull && b is NSNull }
    if let a = a as? String { return a == b as? String }
    return (a as? NSNumber).map { $0 == b as? NSNumber } ?? false
  }

  /// JSON's true and false come as numbers; their encoding tells them apart.
  private static func isBoolean(_ number: NSNumber) -> Bool {
    String(cString: number.objCType) == "c"
  }
}
