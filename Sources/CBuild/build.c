#include "CBuild.h"

#define TEXT_OF(token) #token
#define TEXT(macro) TEXT_OF(macro)

#ifdef COSTCURVE_COMMIT
const char costcurve_commit[] = TEXT(COSTCURVE_COMMIT);
#else
const char costcurve_commit[] = "";
#endif
