/* The least that answers over TCP: the same bytes for whatever arrives, from one thread. It looks at no request, so what it
 * costs is the connection's: what a server that has to find an answer is measured against.
 *
 *     constant PORT < ANSWER
 *
 * A request has to come in one piece, as those of `wrk` do. Ends when it is killed.
 */
#define _GNU_SOURCE
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 64 };

static char answer[1 << 16], request[1 << 16];

static void watch(int poll, int fd, unsigned events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };
	if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) < 0)
		err(1, "epoll_ctl");
}

static void welcome(int poll, int listener)
{
	int on = 1, fd = accept(listener, NULL, NULL);
	if (fd < 0)
		err(1, "accept");
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
		err(1, "setsockopt");
	watch(poll, fd, EPOLLIN | EPOLLET);
}

int main(int count, char **arguments)
{
	if (count != 2)
		errx(1, "usage: constant PORT < ANSWER");
	size_t length = 0;
	for (ssize_t got; (got = read(STDIN_FILENO, answer + length, sizeof answer - length)) > 0;)
		length += got;
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(atoi(arguments[1])),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int listener = socket(AF_INET, SOCK_STREAM, 0), poll = epoll_create1(0);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, SOMAXCONN) < 0)
		err(1, "port %s", arguments[1]);
	watch(poll, listener, EPOLLIN);
	for (;;) {
		struct epoll_event events[EVENTS];
		int ready = epoll_wait(poll, events, EVENTS, -1);
		for (int at = 0; at < ready; at++) {
			int fd = events[at].data.fd;
			if (fd == listener)
				welcome(poll, listener);
			else if (recv(fd, request, sizeof request, 0) <= 0)
				close(fd);
			else if (send(fd, answer, length, MSG_NOSIGNAL) < 0)
				close(fd);
		}
	}
}
