import TestSupport

/// A library with the interface of MPI 5.0 whose job is rank 0 of two: what is gathered is its own
/// twice, and what is received is what was there.
enum MadeUpMPI {
  /// Compiles it.
  ///
  /// - Parameters:
  ///   - folder: Where it goes.
  ///   - definitions: What is otherwise: `INIT`, a statement of `MPI_Init_thread`; `GATHER`, the code
  ///     of `MPI_Iallgather`; `BARRIER`, the request of `MPI_Ibarrier`, which never ends unless it is 0.
  /// - Returns: Variables that make a command load it.
  /// - Throws: Where it does not compile.
  static func environment(
    in folder: TemporaryDirectory, _ definitions: [String: String] = [:]
  ) throws -> [String: String] {
    let usual = ["INIT": ";", "GATHER": "0", "BARRIER": "0"]
    let lines = usual.merging(definitions) { $1 }.map { "#define \($0.key) \($0.value)\n" }
    let library = try CompiledLibrary.make(
      "libmadeup.so", lines.sorted().joined() + source, in: folder)
    return ["COSTCURVE_MPI_LIBRARY": library]
  }

  private static let source = """
    #include <stdio.h>
    #include <string.h>
    #include <unistd.h>

    typedef void *handle;

    int MPI_Get_library_version(char *text, int *length) {
      strcpy(text, "Made-up MPI 1.0");
      *length = 15;
      return 0;
    }
    int MPI_Abi_get_version(int *major, int *minor) {
      *major = 1;
      *minor = 0;
      return 0;
    }
    int MPI_Init_thread(int *count, char ***words, int wanted, int *given) {
      INIT;
      *given = wanted;
      return 0;
    }
    int MPI_Finalize(void) { return 0; }
    int MPI_Comm_rank(handle world, int *rank) {
      *rank = 0;
      return 0;
    }
    int MPI_Comm_size(handle world, int *size) {
      *size = 2;
      return 0;
    }
    int MPI_Comm_set_errhandler(handle world, handle handler) { return 0; }
    int MPI_Isend(const void *bytes, int count, handle type, int rank, int tag, handle world,
                  handle *request) {
      *request = 0;
      return 0;
    }
    int MPI_Irecv(void *bytes, int count, handle type, int rank, int tag, handle world,
                  handle *request) {
      *request = 0;
      return 0;
    }
    int MPI_Iallreduce(const void *own, void *sums, int count, handle type, handle sum, handle world,
                       handle *request) {
      *request = 0;
      return 0;
    }
    int MPI_Iallgather(const void *own, int count, handle type, void *all, int each, handle other,
                       handle world, handle *request) {
      memcpy(all, own, count);
      memcpy((char *)all + count, own, count);
      *request = 0;
      return GATHER;
    }
    int MPI_Ibcast(void *bytes, int count, handle type, int rank, handle world, handle *request) {
      *request = 0;
      return 0;
    }
    int MPI_Ibarrier(handle world, handle *request) {
      *request = (handle)(long)BARRIER;
      return 0;
    }
    int MPI_Test(handle *request, int *is_done, void *status) {
      *is_done = *request == 0;
      return 0;
    }
    int MPI_Abort(handle world, int code) {
      fprintf(stderr, "all are ended with %d\\n", code);
      _exit(code);
    }
    int MPI_Error_string(int code, char *text, int *length) {
      strcpy(text, "made up");
      *length = 7;
      return 0;
    }
    """
}
