import CBLAS

/// The matrix product through OpenBLAS's `cblas_sgemm`; the meaning is `GemmReference`'s.
public enum GemmBLAS {
  /// Computes `C = op(A) · op(B) + beta · C` with the threads set in `OpenBLAS`.
  ///
  /// A single row is computed by `cblas_sgemv`, which reads B once where `sgemm` would first copy
  /// it. Parameters as for `GemmReference.multiply`.
  public static func multiply(
    _ shape: GemmShape, _ a: GemmOperand, _ b: GemmOperand, beta: Float = 0,
    into c: UnsafeMutablePointer<Float>, stride: Int
  ) {
    guard shape.m > 0, shape.n > 0 else { return }
    if shape.m == 1, shape.k > 0 {
      return multiplyRow(shape, a, b, beta: beta, into: c)
    }
    BLASLibrary.required.sgemm(
      CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans,
      b.isTransposed ? CblasTrans : CblasNoTrans, blasint(shape.m), blasint(shape.n),
      blasint(shape.k), 1, a.pointer, blasint(max(a.stride, 1)), b.pointer,
      blasint(max(b.stride, 1)), beta, c, blasint(max(stride, 1)))
  }

  /// Computes the same, OpenBLAS set to `threads` threads of its own for this call and after it.
  ///
  /// This is OpenBLAS as a user would call it. Never call it inside a region of a pool.
  public static func multiply(
    _ shape: GemmShape, _ a: GemmOperand, _ b: GemmOperand, beta: Float = 0,
    into c: UnsafeMutablePointer<Float>, stride: Int, threads: Int
  ) {
    OpenBLAS.setThreads(threads)
    multiply(shape, a, b, beta: beta, into: c, stride: stride)
  }

  /// Computes the same with the pool's threads, each calling OpenBLAS with one thread.
  ///
  /// The longer side of C is cut into one piece a worker, so each element is computed by one
  /// call whatever the number of threads.
  public static func multiply(
    _ shape: GemmShape, _ a: GemmOperand, _ b: GemmOperand, beta: Float = 0,
    into c: UnsafeMutablePointer<Float>, stride: Int, pool: ThreadPool
  ) {
    OpenBLAS.setThreads(1)
    if shape.m >= shape.n {
      pool.forEachShare(of: shape.m, grain: 8) { rows in
        multiply(
          GemmShape(m: rows.count, n: shape.n, k: shape.k), a.fromRow(rows.lowerBound), b,
          beta: beta, into: c + rows.lowerBound * stride, stride: stride)
      }
    } else {
      pool.forEachShare(of: shape.n, grain: 16) { columns in
        multiply(
          GemmShape(m: shape.m, n: columns.count, k: shape.k), a,
          b.fromColumn(columns.lowerBound), beta: beta, into: c + columns.lowerBound,
          stride: stride)
      }
    }
  }

  /// One row of a product: `c = op(B)ᵀ · a + beta · c`.
  private static func multiplyRow(
    _ shape: GemmShape, _ a: GemmOperand, _ b: GemmOperand, beta: Float,
    into c: UnsafeMutablePointer<Float>
  ) {
    let rows = b.isTransposed ? shape.n : shape.k
    let columns = b.isTransposed ? shape.k : shape.n
    let step = a.isTransposed ? a.stride : 1
    BLASLibrary.required.sgemv(
      CblasRowMajor, b.isTransposed ? CblasNoTrans : CblasTrans, blasint(rows), blasint(columns),
      1, b.pointer, blasint(b.stride), a.pointer, blasint(step), beta, c, 1)
  }
}
