/* Notes when an event has arrived on all of many streams, at as little cost as possible: the time that takes here is
 * part of what is measured.
 *
 *     arrivals EVENTS FD...
 *
 * Reads the open streams FD... and prints a line with the monotonic time in nanoseconds whenever EVENTS more events have
 * arrived on all of them together. Ends when standard input does.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

static char buffer[1 << 20];

int main(int argc, char **argv)
{
	static const char mark[] = "\"action\":\"";
	struct epoll_event ready[256];
	long arrived = 0, wanted = atol(argv[1]);
	int poll = epoll_create1(0);
	for (int i = 1; i < argc; i++) {
		/* The first place stands for standard input. */
		struct epoll_event event = { .events = EPOLLIN, .data.fd = i == 1 ? 0 : atoi(argv[i]) };
		if (epoll_ctl(poll, EPOLL_CTL_ADD, event.data.fd, &event) != 0)
			return 1;
	}
	for (;;) {
		int n = epoll_wait(poll, ready, 256, -1);
		for (int i = 0; i < n; i++) {
			ssize_t length = read(ready[i].data.fd, buffer, sizeof buffer);
			if (length <= 0)
				return ready[i].data.fd != 0;
			char *at = buffer, *end = buffer + length;
			while ((at = memmem(at, end - at, mark, sizeof mark - 1)) != NULL) {
				at += sizeof mark - 1;
				arrived++;
			}
		}
		if (arrived >= wanted) {
			struct timespec now;
			clock_gettime(CLOCK_MONOTONIC, &now);
			printf("%lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
			fflush(stdout);
			arrived -= wanted;
		}
	}
}
