/* Puts a network of ours in the place of Tesseract's, for as long as one is given.
 *
 * What a program defines comes before what its libraries define, so the two functions below, which
 * have the names of two of Tesseract's (in its namespace, as the C++ compiler writes names and
 * arguments), are called instead of those; they ask the original for everything that they do not
 * know better. Nothing here knows how Tesseract's objects look inside: they are read and written
 * by its own functions. A Tesseract whose functions have other names or arguments never comes
 * here, and reads by itself; line_network_missing tells.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define PREPARE \
    _ZN9tesseract5Input15PreparePixInputERKNS_11StaticShapeENS_5ImageEPNS_5TRandEPNS_9NetworkIOE
#define FORWARD \
    _ZN9tesseract6Series7ForwardEbRKNS_9NetworkIOEPKNS_15TransposedArrayEPNS_14NetworkScratchEPS1_
#define QUOTED(name) #name
#define NAME_OF(name) QUOTED(name)

typedef void prepare_function(const void *shape, void *picture, void *random, void *input);
typedef void forward_function(void *series, bool debug, const void *input, const void *transposed,
                              void *scratch, void *output);

int pixGetWidth(const void *picture);
int pixGetHeight(const void *picture);

/* Reads a line of so many pixels (row by row, -1 to 1) and says where the probabilities of each
 * class at each step are, until it is called again; NULL if the line is not for it. */
typedef const float *reader(void *network, const float *pixels, size_t count, size_t width,
                            int *steps, int *classes);

#define READ_STEP "_ZNK9tesseract9NetworkIO12ReadTimeStepEiPf"
#define RESIZE "_ZN9tesseract9NetworkIO8Resize2dEbii"
#define WRITE_STEP "_ZN9tesseract9NetworkIO13WriteTimeStepEiPKf"

/* Tesseract's own. */
static struct {
    bool looked_for;
    prepare_function *prepare;
    forward_function *forward;
    void (*read_step)(const void *values, int step, float *into);
    void (*resize)(void *values, bool whole, int steps, int depth);
    void (*write_step)(void *values, int step, const float *from);
} theirs;

/* What reads on this thread, of how many rows its lines are, how many lines it has read, and the line
 * that was prepared last. */
static __thread struct {
    reader *read;
    void *network;
    int rows;
    unsigned long lines;
    const void *input;
    int width, height;
} ours;

static void look_for_theirs(void) {
    if (theirs.looked_for)
        return;
    theirs.prepare = (prepare_function *)dlsym(RTLD_NEXT, NAME_OF(PREPARE));
    theirs.forward = (forward_function *)dlsym(RTLD_NEXT, NAME_OF(FORWARD));
    *(void **)&theirs.read_step = dlsym(RTLD_NEXT, READ_STEP);
    *(void **)&theirs.resize = dlsym(RTLD_NEXT, RESIZE);
    *(void **)&theirs.write_step = dlsym(RTLD_NEXT, WRITE_STEP);
    theirs.looked_for = true;
}

/* The first of these names that no library of the program has; of those that are needed here without
 * any. NULL if there is none. The list ends with NULL. */
const char *line_network_missing(const char *const *names) {
    static const char *const needed[] = {NAME_OF(PREPARE), NAME_OF(FORWARD), READ_STEP,
                                         RESIZE,           WRITE_STEP,       NULL};
    for (names = names ? names : needed; *names; names++)
        if (!dlsym(RTLD_NEXT, *names))
            return *names;
    return NULL;
}

/* Gives this thread a network for lines of so many rows, or takes it away (NULL). Says how many lines
 * were read by the one that was there before. */
unsigned long line_network_use(reader *read, void *network, int rows) {
    unsigned long lines = ours.lines;
    ours.read = read;
    ours.network = network;
    ours.rows = rows;
    ours.lines = 0;
    ours.input = NULL;
    return lines;
}

/* Whether a picture is a line for the network that this thread has. Of one with another height,
 * Tesseract prepares a scaled copy: as many values as that has, which may be fewer than the picture
 * has pixels. So nothing is read before this. */
bool line_network_takes(int width, int height) {
    return ours.read && ours.rows > 0 && height == ours.rows && width > 0;
}

/* Reads the line that was prepared last; false if it is left to Tesseract. */
static bool read_line(void *output) {
    if (!line_network_takes(ours.width, ours.height))
        return false;
    if (!theirs.read_step || !theirs.resize || !theirs.write_step)
        return false;
    size_t count = (size_t)ours.width * (size_t)ours.height;
    float *pixels = calloc(count, sizeof *pixels);
    if (!pixels)
        return false;
    for (size_t place = 0; place < count; place++)
        theirs.read_step(ours.input, (int)place, pixels + place);
    int steps = 0, classes = 0;
    const float *from =
        ours.read(ours.network, pixels, count, (size_t)ours.width, &steps, &classes);
    free(pixels);
    if (!from)
        return false;
    theirs.resize(output, false, steps, classes);
    for (int step = 0; step < steps; step++)
        theirs.write_step(output, step, from + (size_t)step * (size_t)classes);
    ours.lines++;
    return true;
}

void PREPARE(const void *shape, void *picture, void *random, void *input) {
    look_for_theirs();
    theirs.prepare(shape, picture, random, input);
    ours.input = input;
    ours.width = pixGetWidth(picture);
    ours.height = pixGetHeight(picture);
}

/* A series of layers is given its input. The outermost one is given the line. */
void FORWARD(void *series, bool debug, const void *input, const void *transposed, void *scratch,
             void *output) {
    look_for_theirs();
    bool is_the_line = ours.read && input == ours.input;
    if (is_the_line && read_line(output)) {
        ours.input = NULL;
        return;
    }
    /* The layers within it are all Tesseract's. */
    ours.input = NULL;
    theirs.forward(series, debug, input, transposed, scratch, output);
}
