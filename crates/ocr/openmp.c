/* The part of OpenMP that Tesseract needs, for one thread.
 *
 * Tesseract asks for parallel sections at every step along a line of text. With a single thread,
 * which is what a worker has, libgomp still wakes sleepers that are not there: 70,000 system calls
 * for a page, each past the worker's filter. What a program defines comes before what its
 * libraries define, so these functions take the place of libgomp's (whose names and arguments they
 * have); they do the work at once, in order. Where Tesseract was built for another OpenMP, they
 * are not asked.
 */

/* The section that was given out last, and how many there are. */
static __thread unsigned last, count;

void GOMP_parallel(void (*region)(void *), void *data, unsigned threads, unsigned flags) {
    (void)threads, (void)flags;
    region(data);
}

/* A region asks for the numbers of its sections, from 1, until it is given 0. */
void GOMP_parallel_sections(void (*region)(void *), void *data, unsigned threads,
                            unsigned sections, unsigned flags) {
    unsigned outer_last = last, outer_count = count;
    (void)threads, (void)flags;
    last = 0;
    count = sections;
    region(data);
    last = outer_last;
    count = outer_count;
}

unsigned GOMP_sections_next(void) {
    return last < count ? ++last : 0;
}

void GOMP_sections_end_nowait(void) {}

int omp_get_num_threads(void) {
    return 1;
}

int omp_get_thread_num(void) {
    return 0;
}
