#ifndef RECORDS_H
#define RECORDS_H

#include <stddef.h>

/// One data file of `Sources/Economics/Data`, as bytes that live as long as the process.
typedef struct {
  const char *name;
  const unsigned char *bytes;
  size_t count;
} record_file;

/// The number of files compiled in.
size_t record_file_count(void);

/// The file at `index`, below `record_file_count()`.
record_file record_file_at(size_t index);

#endif
