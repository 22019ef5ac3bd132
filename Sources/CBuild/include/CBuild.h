#ifndef COSTCURVE_BUILD_H
#define COSTCURVE_BUILD_H

/// The commit that the build was told, empty where it was told none.
///
/// It stands in a target of its own, which the executable alone depends on, so that a new commit
/// compiles this one file again and not every module.
extern const char costcurve_commit[];

#endif
