// The least that forwarding can cost: copy, rewrite the header, AES-128-GCM in place, one UDP GSO message a viewer,
// sendmmsg in chunks of 64. libcrypto is opened at run time, so no headers of it are needed.
// usage: floor HOST SECONDS SIZE PACKETS_A_FRAME < ports, one a line; prints us of CPU a packet.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { CHUNK = 64, RUN = 16, STRIDE = 1600, MOST = 4096 };
static unsigned char arena[CHUNK][RUN * STRIDE] __attribute__((aligned(64)));

static double clock_of(clockid_t which) {
    struct timespec t;
    clock_gettime(which, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

int main(int count, char **argument) {
    if (count != 5) return 2;
    double seconds = atof(argument[2]);
    int size = atoi(argument[3]), packets = atoi(argument[4]), viewers = 0;
    if (size < 64 || size > 1400 || packets < 1 || packets > RUN) return 2;
    void *crypto = dlopen("libcrypto.so.3", RTLD_NOW);
    if (!crypto) crypto = dlopen("libcrypto.so.1.1", RTLD_NOW);
    if (!crypto) return 3;
    void *(*context_new)(void) = dlsym(crypto, "EVP_CIPHER_CTX_new");
    const void *(*gcm)(void) = dlsym(crypto, "EVP_aes_128_gcm");
    int (*init)(void *, const void *, void *, const unsigned char *, const unsigned char *) = dlsym(crypto, "EVP_EncryptInit_ex");
    int (*update)(void *, unsigned char *, int *, const unsigned char *, int) = dlsym(crypto, "EVP_EncryptUpdate");
    int (*final)(void *, unsigned char *, int *) = dlsym(crypto, "EVP_EncryptFinal_ex");
    int (*control)(void *, int, int, void *) = dlsym(crypto, "EVP_CIPHER_CTX_ctrl");

    static struct sockaddr_in address[MOST];
    static void *context[MOST];
    unsigned char key[28] = {1}, packet[1500];
    for (int port; viewers < MOST && scanf("%d", &port) == 1; viewers++) {
        address[viewers].sin_family = AF_INET;
        address[viewers].sin_port = htons(port);
        inet_pton(AF_INET, argument[1], &address[viewers].sin_addr);
        memcpy(key, &viewers, sizeof viewers);
        context[viewers] = context_new();
        init(context[viewers], gcm(), 0, key, key + 16);
    }
    for (int i = 0; i < size; i++) packet[i] = rand();
    int sock = socket(AF_INET, SOCK_DGRAM, 0), buffer = 8 << 20;
    setsockopt(sock, SOL_SOCKET, 32 /* SO_SNDBUFFORCE */, &buffer, sizeof buffer);
    static struct mmsghdr message[CHUNK];
    static struct iovec vector[CHUNK];
    union { char bytes[CMSG_SPACE(2)]; struct cmsghdr head; } segment;
    memset(&segment, 0, sizeof segment);
    segment.head.cmsg_level = IPPROTO_UDP;
    segment.head.cmsg_type = 103;  // UDP_SEGMENT
    segment.head.cmsg_len = CMSG_LEN(2);
    *(uint16_t *)CMSG_DATA(&segment.head) = size + 16;
    for (int i = 0; i < CHUNK; i++) {
        vector[i] = (struct iovec){arena[i], (size_t)packets * (size + 16)};
        message[i].msg_hdr.msg_iov = &vector[i];
        message[i].msg_hdr.msg_iovlen = 1;
        message[i].msg_hdr.msg_control = packets > 1 ? &segment : 0;
        message[i].msg_hdr.msg_controllen = packets > 1 ? sizeof segment.bytes : 0;
    }
    uint32_t sequence = 1;
    long sent = 0;
    double began = clock_of(CLOCK_MONOTONIC), used = clock_of(CLOCK_PROCESS_CPUTIME_ID);
    for (int frame = 0; clock_of(CLOCK_MONOTONIC) - began < seconds; frame++) {
        for (int start = 0; start < viewers; start += CHUNK) {
            int stop = viewers - start < CHUNK ? viewers : start + CHUNK, length;
            for (int v = start; v < stop; v++)
                for (int p = 0; p < packets; p++) {
                    unsigned char *out = arena[v - start] + p * (size + 16), nonce[12] = {0};
                    uint16_t number = htons(sequence + p);
                    uint32_t stamp = htonl(frame * 3000 + v), ssrc = htonl(v + 1), index = sequence + p;
                    memcpy(out, packet, size);
                    memcpy(out + 2, &number, 2);
                    memcpy(out + 4, &stamp, 4);
                    memcpy(out + 8, &ssrc, 4);
                    memcpy(nonce + 4, &index, 4);
                    init(context[v], 0, 0, 0, nonce);
                    update(context[v], 0, &length, out, 12);
                    update(context[v], out + 12, &length, out + 12, size - 12);
                    final(context[v], out + size, &length);
                    control(context[v], 0x10 /* GET_TAG */, 16, out + size);
                }
            for (int v = start; v < stop; v++) {
                message[v - start].msg_hdr.msg_name = &address[v];
                message[v - start].msg_hdr.msg_namelen = sizeof address[v];
            }
            for (int done = 0; done < stop - start;) {
                int taken = sendmmsg(sock, message + done, stop - start - done, 0);
                if (taken <= 0) break;
                done += taken;
                sent += (long)taken * packets;
            }
        }
        sequence += packets;
        double ahead = began + (frame + 1) / 30.0 - clock_of(CLOCK_MONOTONIC);
        if (ahead > 0) nanosleep(&(struct timespec){0, ahead * 1e9}, 0);
    }
    used = clock_of(CLOCK_PROCESS_CPUTIME_ID) - used;
    printf("%.4f\n", sent ? used / sent * 1e6 : 0.0);
    return 0;
}
