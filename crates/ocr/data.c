/* What Tesseract loads, and when.
 *
 * As in `tesseract.c`, the functions below have the names of two of Tesseract's, are called instead
 * of those, and ask the originals for everything else. A Tesseract whose functions have other names or
 * arguments never comes here, and loads as it likes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define OPEN _ZN9tesseract15TessdataManager4InitEPKc
#define TAKE "_ZN9tesseract15TessdataManager13LoadMemBufferEPKcS2_i"
#define AMBIGUITIES _ZN9tesseract13UnicharAmbigs13LoadUniversalERKNS_10UNICHARSETEPS1_
#define QUOTED(name) #name
#define NAME_OF(name) QUOTED(name)

typedef bool open_function(void *manager, const char *path);
typedef bool take_function(void *manager, const char *path, const char *content, int size);
typedef void ambiguities_function(void *ambiguities, const void *encoder, void *characters);

bool OPEN(void *manager, const char *path);

/* The file that is kept open, by the path that Tesseract has for it. */
static struct {
    char *path;
    int file, size;
} kept;

/* Whether an engine is started on this thread that reads lines by its network alone. */
static __thread bool is_of_network;

/* Keeps an open file of so many bytes, to be read when Tesseract asks for that path; false, and
 * nothing is kept, where this Tesseract would open it itself. One file is kept in a process. */
bool data_keep(const char *path, int file, long size) {
    /* The first of that name is called, so it has to be ours. */
    if (dlsym(RTLD_DEFAULT, NAME_OF(OPEN)) != (void *)OPEN || !dlsym(RTLD_NEXT, TAKE))
        return false;
    char *copy = size > 0 && size <= INT_MAX && !kept.path ? strdup(path) : NULL;
    if (!copy)
        return false;
    kept.file = file;
    kept.size = (int)size;
    kept.path = copy;
    return true;
}

static bool take_kept(void *manager) {
    take_function *take = (take_function *)dlsym(RTLD_NEXT, TAKE);
    char *content = take ? malloc((size_t)kept.size) : NULL;
    if (!content)
        return false;
    ssize_t got = 1;
    int size = 0;
    while (size < kept.size && got > 0) {
        got = pread(kept.file, content + size, (size_t)(kept.size - size), size);
        size += got > 0 ? (int)got : 0;
    }
    bool taken = size == kept.size && take(manager, kept.path, content, size);
    free(content);
    return taken;
}

bool OPEN(void *manager, const char *path) {
    if (kept.path && strcmp(path, kept.path) == 0)
        return take_kept(manager);
    open_function *theirs = (open_function *)dlsym(RTLD_NEXT, NAME_OF(OPEN));
    return theirs && theirs(manager, path);
}

/* Says whether engines that this thread starts read by their network alone. */
void data_of_network(bool is) {
    is_of_network = is;
}

/* Which characters look like which others. Only the recogniser from before the network asks that, and
 * to load it takes as long as a quarter of a page. */
void AMBIGUITIES(void *ambiguities, const void *encoder, void *characters) {
    if (is_of_network)
        return;
    ambiguities_function *theirs = (ambiguities_function *)dlsym(RTLD_NEXT, NAME_OF(AMBIGUITIES));
    if (theirs)
        theirs(ambiguities, encoder, characters);
}
