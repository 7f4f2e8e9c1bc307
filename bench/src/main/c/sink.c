/* A counting SMTP receiver on loopback: one thread, epoll, nothing stored but a log of who got what.
 *
 *   cc -O2 -o sink sink.c;  ./sink LOG        prints "port N" and takes mail there until its standard input ends
 *
 * A copy counts when the final dot has been answered with 250. Each is a line of LOG: microseconds since 1970, number of its
 * content, reverse-path, forward-path. Contents are numbered from 0: the octets after DATA, doubled dots undone, without the fields
 * that "reset" names; each new one is kept as LOG.0, LOG.1, ... with its SHA-256 in LOG.sums. A message with a bare LF is refused.
 *
 * Commands on standard input, a line each, a line back:
 *   reset [count | FIELD...]    forget everything; count: contents are not compared (their number is -1)
 *   quick 0|1                   TCP_QUICKACK off (ordinary delayed ACKs) or on
 *   stat                        copies transactions connections first-micros last-micros bare contents
 *   write                       log and contents are on disk when it answers
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CONTENTS = 65536, MOST_FIELDS = 16, PATH_OCTETS = 320, SHOWN = 32 };

struct content {
  char *octets;
  size_t length;
  unsigned char sum[32];
};

struct session {
  int fd, in_data, dotted, bare, over;
  int content;             /* of the copy before: most often this one's too */
  char *in;                /* in[start..length) is unread; in data the message begins at start */
  size_t start, length, room, line;
  char from[PATH_OCTETS];
  char *to;                /* forward-paths, each ended by NUL */
  size_t to_length, to_room;
  long recipients;
  char out[16384];
  size_t out_length;
};

static const char *log_name;
static FILE *log_file;
static struct content contents[MOST_CONTENTS];
static int contents_known, comparing = 1, quick;
static char fields[MOST_FIELDS][64];
static int field_count;
static char *scratch;
static size_t scratch_room;
static long long copies, transactions, connections, bares, first, last;

static long long micros(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void *sized(void *block, size_t size) {
  void *grown = realloc(block, size);
  if (!grown) { perror("sink"); exit(1); }
  return grown;
}

/* --- SHA-256, FIPS 180-4 ------------------------------------------------------------------------------------------- */

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t right(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void block(uint32_t h[8], const unsigned char *p) {
  uint32_t w[64], v[8];
  for (int i = 0; i < 16; i++) w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
  for (int i = 16; i < 64; i++)
    w[i] = w[i - 16] + (right(w[i - 15], 7) ^ right(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7]
         + (right(w[i - 2], 17) ^ right(w[i - 2], 19) ^ w[i - 2] >> 10);
  memcpy(v, h, sizeof v);
  for (int i = 0; i < 64; i++) {
    uint32_t s1 = right(v[4], 6) ^ right(v[4], 11) ^ right(v[4], 25), s0 = right(v[0], 2) ^ right(v[0], 13) ^ right(v[0], 22);
    uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + K[i] + w[i];
    uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    memmove(v + 1, v, 7 * sizeof *v);
    v[4] += t1;
    v[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++) h[i] += v[i];
}

static void sha256(const char *octets, size_t length, unsigned char sum[32]) {
  uint32_t h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  unsigned char end[128] = {0};
  size_t whole = length / 64 * 64, rest = length - whole, padded = rest < 56 ? 64 : 128;
  for (size_t at = 0; at < whole; at += 64) block(h, (const unsigned char *)octets + at);
  memcpy(end, octets + whole, rest);
  end[rest] = 0x80;
  for (int i = 0; i < 8; i++) end[padded - 1 - i] = (unsigned char)((uint64_t)length * 8 >> 8 * i);
  for (size_t at = 0; at < padded; at += 64) block(h, end + at);
  for (int i = 0; i < 32; i++) sum[i] = (unsigned char)(h[i / 4] >> (24 - 8 * (i % 4)));
}

/* --- contents ------------------------------------------------------------------------------------------------------ */

static int named(const char *line, size_t length) {
  for (int i = 0; i < field_count; i++) {
    size_t n = strlen(fields[i]);
    if (length > n && line[n] == ':' && !strncasecmp(line, fields[i], n)) return 1;
  }
  return 0;
}

/* Dots undone, named fields left out; into scratch. */
static size_t plain(const char *in, size_t length) {
  size_t out = 0;
  int header = 1, dropping = 0;
  if (scratch_room < length) scratch = sized(scratch, scratch_room = length + 65536);
  for (size_t at = 0; at < length;) {
    const char *lf = memchr(in + at, '\n', length - at);
    size_t n = (lf ? (size_t)(lf - in) + 1 : length) - at;
    if (header && n <= 2) header = dropping = 0;
    if (header && in[at] != ' ' && in[at] != '\t') dropping = named(in + at, n);
    if (!dropping) {
      size_t dot = in[at] == '.';
      memcpy(scratch + out, in + at + dot, n - dot);
      out += n - dot;
    }
    at += n;
    if (!header && !memchr(in + at, '.', length - at)) {
      memcpy(scratch + out, in + at, length - at);
      return out + length - at;
    }
  }
  return out;
}

static int same(int content, const char *octets, size_t length) {
  return content >= 0 && content < contents_known && contents[content].length == length && !memcmp(contents[content].octets, octets, length);
}

/* Equal octets have equal sums: only what is new is summed. */
static int content_of(struct session *s, const char *octets, size_t length) {
  if (s->dotted || field_count) {
    length = plain(octets, length);
    octets = scratch;
  }
  if (same(s->content, octets, length)) return s->content;
  for (int i = contents_known - 1; i >= 0 && i > contents_known - 9; i--)
    if (same(i, octets, length)) return i;
  unsigned char sum[32];
  sha256(octets, length, sum);
  for (int i = 0; i < contents_known; i++)
    if (!memcmp(contents[i].sum, sum, sizeof sum)) return i;
  if (contents_known == MOST_CONTENTS) return -1;
  struct content *c = &contents[contents_known];
  c->octets = sized(NULL, length + 1);
  c->length = length;
  memcpy(c->octets, octets, length);
  memcpy(c->sum, sum, sizeof sum);
  return contents_known++;
}

/* --- SMTP ---------------------------------------------------------------------------------------------------------- */

static void flush(struct session *s) {
  for (size_t at = 0; at < s->out_length && !s->over;) {
    ssize_t n = write(s->fd, s->out + at, s->out_length - at);
    if (n > 0) at += (size_t)n;
    else if (n < 0 && errno == EAGAIN) poll(&(struct pollfd){.fd = s->fd, .events = POLLOUT}, 1, 1000);
    else s->over = 1;
  }
  s->out_length = 0;
}

static void say(struct session *s, const char *reply) {
  size_t n = strlen(reply);
  if (s->out_length + n > sizeof s->out) flush(s);
  memcpy(s->out + s->out_length, reply, n);
  s->out_length += n;
}

static void forget(struct session *s) {
  s->from[0] = 0;
  s->to_length = 0;
  s->recipients = 0;
}

static void taken(struct session *s, const char *octets, size_t length) {
  if (s->bare) {
    bares++;
    say(s, "554 5.6.0 bare LF\r\n");
  } else {
    int content = s->content = comparing ? content_of(s, octets, length) : -1;
    last = micros();
    if (!first) first = last;
    const char *to = s->to;
    for (long i = 0; i < s->recipients; i++, to += strlen(to) + 1) fprintf(log_file, "%lld %d %s %s\n", last, content, s->from, to);
    copies += s->recipients;
    transactions++;
    say(s, "250 2.0.0 counted\r\n");
  }
  forget(s);
}

static size_t path(const char *line, size_t length, char *into, size_t room) {
  const char *open = memchr(line, '<', length), *close = open ? memchr(open, '>', length - (size_t)(open - line)) : NULL;
  size_t n = close ? (size_t)(close - open) - 1 : 0;
  if (n >= room) n = room - 1;
  if (n) memcpy(into, open + 1, n);
  if (!n) into[n++] = '-';
  into[n] = 0;
  return n;
}

static void command(struct session *s, const char *line, size_t length) {
  if (length >= 4 && !strncasecmp(line, "MAIL", 4)) {
    forget(s);
    path(line, length, s->from, sizeof s->from);
    say(s, "250 2.1.0 ok\r\n");
  } else if (length >= 4 && !strncasecmp(line, "RCPT", 4)) {
    if (s->to_room < s->to_length + PATH_OCTETS) s->to = sized(s->to, s->to_room = 2 * s->to_room + 4 * PATH_OCTETS);
    s->to_length += path(line, length, s->to + s->to_length, PATH_OCTETS) + 1;
    s->recipients++;
    say(s, "250 2.1.5 ok\r\n");
  } else if (length >= 4 && !strncasecmp(line, "DATA", 4)) {
    if (!s->recipients) { say(s, "554 5.5.1 no recipients\r\n"); return; }
    s->in_data = 1;
    s->dotted = s->bare = 0;
    say(s, "354 go ahead\r\n");
  } else if (length >= 4 && !strncasecmp(line, "EHLO", 4)) {
    say(s, "250-sink.example\r\n250-PIPELINING\r\n250-SIZE 100000000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n");
  } else if (length >= 4 && (!strncasecmp(line, "HELO", 4) || !strncasecmp(line, "RSET", 4) || !strncasecmp(line, "NOOP", 4))) {
    forget(s);
    say(s, "250 2.0.0 ok\r\n");
  } else if (length >= 4 && !strncasecmp(line, "QUIT", 4)) {
    say(s, "221 2.0.0 bye\r\n");
    flush(s);
    s->over = 1;
  } else {
    say(s, "502 5.5.2 not here\r\n");
  }
}

/* Whole lines of what has been read; s->line is where the first unfinished one begins. */
static void lines(struct session *s) {
  while (!s->over) {
    char *begin = s->in + s->line, *lf = memchr(begin, '\n', s->length - s->line);
    if (!lf) return;
    size_t n = (size_t)(lf - begin) + 1;
    int crlf = n >= 2 && lf[-1] == '\r';
    s->line += n;
    if (!s->in_data) {
      command(s, begin, n);
      s->start = s->line;
    } else if (crlf && n == 3 && *begin == '.') {
      s->in_data = 0;
      taken(s, s->in + s->start, (size_t)(begin - s->in) - s->start);
      s->start = s->line;
    } else {
      s->bare |= !crlf;
      s->dotted |= *begin == '.';
    }
  }
}

static void readable(struct session *s) {
  if (s->start == s->length) s->start = s->line = s->length = 0;
  if (s->room - s->length < 32768) {
    memmove(s->in, s->in + s->start, s->length - s->start);
    s->length -= s->start;
    s->line -= s->start;
    s->start = 0;
    if (s->room - s->length < 32768) s->in = sized(s->in, s->room = 2 * s->room + 65536);
  }
  ssize_t n = read(s->fd, s->in + s->length, s->room - s->length);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) { s->over = 1; return; }
  if (quick) setsockopt(s->fd, IPPROTO_TCP, TCP_QUICKACK, &(int){1}, sizeof(int));    /* the kernel forgets it */
  s->length += (size_t)n;
  lines(s);
  flush(s);
}

/* --- control ------------------------------------------------------------------------------------------------------- */

static void reset(char *words) {
  for (int i = 0; i < contents_known; i++) free(contents[i].octets);
  contents_known = field_count = 0;
  comparing = 1;
  for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
    if (!strcmp(word, "count")) comparing = 0;
    else if (field_count < MOST_FIELDS) snprintf(fields[field_count++], sizeof fields[0], "%s", word);
  }
  copies = transactions = connections = bares = first = last = 0;
  if (log_file) fclose(log_file);
  log_file = fopen(log_name, "w");
  if (!log_file) { perror(log_name); exit(1); }
  setvbuf(log_file, NULL, _IOFBF, 1 << 20);
}

static void write_contents(void) {
  char name[4096];
  fflush(log_file);
  snprintf(name, sizeof name, "%s.sums", log_name);
  FILE *sums = fopen(name, "w");
  if (!sums) { perror(name); exit(1); }
  for (int i = 0; i < contents_known; i++) {
    for (int j = 0; j < 32; j++) fprintf(sums, "%02x", contents[i].sum[j]);
    fputc('\n', sums);
    if (i < SHOWN) {
      snprintf(name, sizeof name, "%s.%d", log_name, i);
      FILE *copy = fopen(name, "w");
      if (!copy) { perror(name); exit(1); }
      fwrite(contents[i].octets, 1, contents[i].length, copy);
      fclose(copy);
    }
  }
  fclose(sums);
}

static void control(void) {
  static char line[1024];
  static size_t length;
  ssize_t n = read(0, line + length, sizeof line - 1 - length);
  if (n <= 0) exit(0);
  length += (size_t)n;
  for (char *lf; (lf = memchr(line, '\n', length)); ) {
    *lf = 0;
    if (!strncmp(line, "reset", 5)) { reset(line + 5); printf("ok\n"); }
    else if (!strncmp(line, "quick ", 6)) { quick = line[6] == '1'; printf("ok\n"); }
    else if (!strcmp(line, "write")) { write_contents(); printf("ok\n"); }
    else if (!strcmp(line, "stat"))
      printf("%lld %lld %lld %lld %lld %lld %d\n", copies, transactions, connections, first, last, bares, contents_known);
    else printf("what?\n");
    fflush(stdout);
    length -= (size_t)(lf + 1 - line);
    memmove(line, lf + 1, length);
  }
  if (length == sizeof line - 1) length = 0;
}

int main(int count, char **words) {
  if (count != 2) { fprintf(stderr, "usage: sink LOG\n"); return 2; }
  signal(SIGPIPE, SIG_IGN);
  log_name = words[1];
  reset((char[]){""});
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), watch = epoll_create1(EPOLL_CLOEXEC);
  if (bind(server, (void *)&address, size) || listen(server, 4096) || getsockname(server, (void *)&address, &size)) {
    perror("sink");
    return 1;
  }
  struct session listening, commanding;
  epoll_ctl(watch, EPOLL_CTL_ADD, server, &(struct epoll_event){.events = EPOLLIN, .data.ptr = &listening});
  epoll_ctl(watch, EPOLL_CTL_ADD, 0, &(struct epoll_event){.events = EPOLLIN, .data.ptr = &commanding});
  printf("port %d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (struct epoll_event events[256];;) {
    int ready = epoll_wait(watch, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      struct session *s = events[i].data.ptr;
      if (s == &commanding) { control(); continue; }
      if (s == &listening) {
        for (int fd; (fd = accept4(server, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0; connections++) {
          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
          s = sized(NULL, sizeof *s);
          memset(s, 0, sizeof *s);
          s->fd = fd;
          s->content = -1;
          say(s, "220 sink.example ESMTP\r\n");
          flush(s);
          epoll_ctl(watch, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = s});
        }
        continue;
      }
      readable(s);
      if (s->over) {
        close(s->fd);
        free(s->in);
        free(s->to);
        free(s);
      }
    }
  }
}
