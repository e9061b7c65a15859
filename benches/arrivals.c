/* Notes when an event has arrived on all of many streams, by the kernel's own stamps: the streams are read once all is
 * over, so that a reader takes no processor time from the sender it measures.
 *
 *     arrivals FD...
 *
 * For each line on standard input: waits a moment, reads one event from each of the open streams FD..., and prints the
 * time at which the last of them arrived, in nanoseconds of the real-time clock. Ends when standard input does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/net_tstamp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { MOMENT_MS = 60, DEADLINE_MS = 10000 };

/* Reads until an event has come; its time, or -1. */
static long long arrival(int fd)
{
	static const char mark[] = "\"action\":\"";
	static char buffer[1 << 16], control[512];
	for (;;) {
		struct iovec part = { buffer, sizeof buffer };
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
		ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);
		if (length < 0 && errno == EAGAIN) {
			struct pollfd wait = { .fd = fd, .events = POLLIN };
			if (poll(&wait, 1, DEADLINE_MS) != 1)
				return -1;
			continue;
		}
		if (length <= 0)
			return -1;
		if (memmem(buffer, length, mark, sizeof mark - 1) == NULL)
			continue;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c))
			if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPING) {
				struct timespec stamp;
				memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
				return stamp.tv_sec * 1000000000LL + stamp.tv_nsec;
			}
		return -1;
	}
}

int main(int argc, char **argv)
{
	int stamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
	for (int i = 1; i < argc; i++)
		if (setsockopt(atoi(argv[i]), SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof stamps) != 0)
			return 1;
	puts("ready");
	fflush(stdout);
	for (char line[16]; fgets(line, sizeof line, stdin) != NULL;) {
		usleep(MOMENT_MS * 1000);
		long long last = 0;
		for (int i = 1; i < argc; i++) {
			long long at = arrival(atoi(argv[i]));
			if (at < 0)
				return 1;
			if (at > last)
				last = at;
		}
		printf("%lld\n", last);
		fflush(stdout);
	}
	return 0;
}
