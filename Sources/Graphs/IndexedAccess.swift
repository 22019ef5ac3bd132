import Basics
import Kernels
import Tensors

/// What indices name of a tensor: common to operators that read or write there.
package struct IndexedAccess: Hashable, Sendable {
  /// Indices that are the same for every input.
  package struct Fixed: Hashable, Sendable {
    /// The indices, row-major.
    package var values: [Int]
    /// Their lengths, the outermost first.
    package var lengths: [Int]

    package init(values: [Int], lengths: [Int]) { (self.values, self.lengths) = (values, lengths) }
  }

  /// How indices name elements.
  package var kind: IndexedPlaces.Kind
  /// The indices; nil where they are computed.
  package var fixed: Fixed?
  /// Images of the whole batch, where indices name images; nil where each image's stay apart.
  package var images: Int?

  package init(_ kind: IndexedPlaces.Kind, fixed: Fixed? = nil, images: Int? = nil) {
    (self.kind, self.fixed, self.images) = (kind, fixed, images)
  }

  /// Whether what is named follows for each image from that image alone.
  package static func isPerImage(
    _ kind: IndexedPlaces.Kind, data: [Dimension], indices: [Dimension]
  ) -> Bool {
    let (inData, inIndices) = (data.contains(.batch), indices.contains(.batch))
    let both = data.first == .batch && indices.first == .batch
    guard inData || inIndices else { return true }
    guard !data.dropFirst().contains(.batch), !indices.dropFirst().contains(.batch) else {
      return false
    }
    return switch kind {
    case .slices(let axis): inData ? axis > 0 && !inIndices : axis == 0
    case .elements(let axis): both && axis > 0
    case .rows(let shared): shared > 0 ? both : !inData
    }
  }

  /// The dimensions of the indices.
  ///
  /// - Parameters:
  ///   - data: The tensor that they name elements of.
  ///   - given: The type of the computed ones; nil for fixed ones.
  /// - Returns: Dimensions that fit the tensor.
  /// - Throws: Indices that name nothing in it.
  func indices(_ data: TensorType, _ given: TensorType?) throws(Problem) -> [Dimension] {
    let result = given?.dimensions ?? (fixed?.lengths ?? []).map { .fixed($0) }
    let isWhole = given.map { $0.element == .i64 || $0.element == .i32 } ?? true
    let own = data.dimensions
    let fits =
      switch kind {
      case .slices(let axis): own.indices.contains(axis)
      case .elements(let axis):
        own.indices.contains(axis) && result.count == own.count
          && own.indices.allSatisfy { $0 == axis || isWithin(result[$0], own[$0]) }
      case .rows(let shared):
        depth(result).map {
          shared >= 0 && shared < min(result.count, own.count) && $0 >= 1
            && $0 <= own.count - shared
            && (0..<shared).allSatisfy {
              [result[$0]].lengths(images: images) == [own[$0]].lengths(images: images)
                || result[$0] == own[$0]
            }
        } ?? false
      }
    guard isWhole, fits, data.element != .bf16, given != nil || hasInRange(own),
      images != nil || Self.isPerImage(kind, data: own, indices: result)
    else { throw Problem(.malformed, "indices of \(result) name nothing in \(data)") }
    return result
  }

  /// Whether all fixed indices are in range, for which they fit.
  private func hasInRange(_ data: [Dimension]) -> Bool {
    guard let fixed, let lengths = data.lengths(images: images ?? 1) else { return false }
    return fixed.values.enumerated().allSatisfy { place, index in
      let axis =
        switch kind {
        case .slices(let axis), .elements(let axis): axis
        case .rows(let shared): shared + place % (fixed.lengths.last ?? 1)
        }
      return (-lengths[axis]..<lengths[axis]).contains(index)
    }
  }

  /// The dimensions of what indices name.
  func named(_ data: [Dimension], _ indices: [Dimension]) throws(Problem) -> [Dimension] {
    let result: [Dimension] =
      switch kind {
      case .slices(let axis): data[..<axis] + indices + data[(axis + 1)...]
      case .elements: indices
      case .rows(let shared): indices.dropLast() + data[(shared + (depth(indices) ?? 0))...]
      }
    guard let images else { return result }
    guard let lengths = result.lengths(images: images) else {
      throw Problem(.malformed, "\(data) has lengths that are not known")
    }
    return [Dimension](lengths, images: images)
  }

  /// The same for shapes of a run, or of a group of images.
  package func places(_ data: Shape, _ indices: Shape) -> IndexedPlaces {
    IndexedPlaces(data.dimensions, indices: indices.dimensions, kind: kind)
  }

  /// The elements that indices name, by plain loops: for each its index in the data, nil for none.
  func elements(_ data: Shape, _ indices: ReferenceTensor) -> [Int?] {
    let lengths = data.dimensions
    let own = indices.shape.dimensions
    func index(_ place: Int, _ axis: Int) -> Int? {
      guard let given = Int(exactly: indices.values[place]) else { return nil }
      let result = given < 0 ? given + lengths[axis] : given
      return (0..<lengths[axis]).contains(result) ? result : nil
    }
    switch kind {
    case .slices(let axis):
      let (outer, inner) = (lengths[..<axis].reduce(1, *), lengths[(axis + 1)...].reduce(1, *))
      return (0..<outer * indices.values.count * inner).map { element in
        let place = element / inner % indices.values.count
        return index(place, axis).map {
          (element / inner / indices.values.count * lengths[axis] + $0) * inner + element % inner
        }
      }
    case .elements(let axis):
      return indices.values.indices.map { place in
        guard let chosen = index(place, axis) else { return nil }
        var (rest, result, stride) = (place, 0, 1)
        for dimension in lengths.indices.reversed() {
          result += (dimension == axis ? chosen : rest % own[dimension]) * stride
          rest /= own[dimension]
          stride *= lengths[dimension]
        }
        return result
      }
    case .rows(let shared):
      let depth = own[own.count - 1]
      let inner = lengths[(shared + depth)...].reduce(1, *)
      let rows = own[shared...].dropLast().reduce(1, *)
      return (0..<indices.values.count / depth * inner).map { element in
        let row = element / inner
        var result = row / rows
        for step in 0..<depth {
          guard let chosen = index(row * depth + step, shared + step) else { return nil }
          result = result * lengths[shared + step] + chosen
        }
        return result * inner + element % inner
      }
    }
  }

  /// The fixed indices, or the computed ones among a node's inputs.
  func indices(_ inputs: [ReferenceTensor]) -> ReferenceTensor {
    guard let fixed, let shape = Shape(fixed.lengths) else { return inputs[1] }
    return ReferenceTensor(shape, fixed.values.map(Double.init))
  }

  /// The length of a row of indices.
  private func depth(_ indices: [Dimension]) -> Int? { indices.last?.length }

  private func isWithin(_ a: Dimension, _ b: Dimension) -> Bool {
    guard a != b else { return true }
    guard let a = [a].lengths(images: images)?[0], let b = [b].lengths(images: images)?[0] else {
      return false
    }
    return a <= b
  }
}
