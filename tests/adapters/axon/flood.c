/* Sends prepared bytes to 127.0.0.1 over many connections at once, as fast as one core can.

   flood PORT CONNECTIONS SECONDS MODE FILE

   keep   send FILE, wait for an answer, send it again on the same connection for as long as that is open
   close  send FILE, wait for an answer, come again on a new connection
   pour   send FILE over and over, and read nothing
   hold   send FILE once, then a byte every 0.2 s

   Whoever is closed comes again. Prints how many times FILE was sent (bytes after the first FILE, for hold). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

static int port, loop;
static char mode, *data;
static long size, sent;
static size_t *places; /* how much of FILE each descriptor has sent */

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void await(int fd, int change, unsigned events) {
    struct epoll_event e = {.events = events, .data.fd = fd};
    epoll_ctl(loop, change, fd, &e);
}

static void dial(void) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct linger reset = {1, 0}; /* or ports would run out */
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0) return;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (connect(fd, (void *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
        close(fd);
        return;
    }
    places[fd] = 0;
    await(fd, EPOLL_CTL_ADD, EPOLLOUT);
}

static void redial(int fd) {
    close(fd);
    dial();
}

static void send_on(int fd) {
    long n = send(fd, data + places[fd], size - places[fd], MSG_NOSIGNAL);
    if (n < 0) {
        if (errno != EAGAIN) redial(fd);
        return;
    }
    places[fd] += n;
    if ((long)places[fd] < size) return;
    if (mode != 'h') sent++;
    places[fd] = mode == 'h' ? size : 0;
    if (mode != 'p') await(fd, EPOLL_CTL_MOD, EPOLLIN);
}

static void read_on(int fd) {
    char answer[65536];
    long n = recv(fd, answer, sizeof answer, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0 || mode == 'c')
        redial(fd);
    else if (mode == 'k')
        await(fd, EPOLL_CTL_MOD, EPOLLOUT);
}

static void drip(int highest) {
    for (int fd = 3; fd < highest; fd++)
        if ((long)places[fd] == size && send(fd, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1) sent++;
}

int main(int count, char **words) {
    if (count != 6) return 2;
    port = atoi(words[1]);
    mode = words[4][0];
    FILE *file = fopen(words[5], "rb");
    if (!file) return 2;
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    data = malloc(size + 1);
    if (fread(data, 1, size, file) != (size_t)size) return 2;
    int connections = atoi(words[2]), highest = connections + 64;
    places = calloc(highest, sizeof *places);
    loop = epoll_create1(0);
    for (int i = 0; i < connections; i++) dial();
    double end = now() + atof(words[3]), next = now() + 0.2;
    struct epoll_event events[256];
    while (now() < end) {
        int n = epoll_wait(loop, events, 256, 50);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (events[i].events & (EPOLLERR | EPOLLHUP))
                redial(fd);
            else if (events[i].events & EPOLLOUT)
                send_on(fd);
            else
                read_on(fd);
        }
        if (mode == 'h' && now() > next) {
            drip(highest);
            next = now() + 0.2;
        }
    }
    printf("%ld\n", sent);
    return 0;
}
