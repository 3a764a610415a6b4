/**
 * Opens the device it is given and does what its input says; all numbers are little-endian.
 *
 * In:  u8 kind, u32 length, then by kind
 *        i  u32 request, u32 argument     ioctl with a number
 *        b  u32 request, bytes            ioctl with a buffer
 *        w  bytes                         write
 * Out: u8 kind, u32 length, then by kind
 *        o  u32 errno                     opened, or why not; comes first
 *        r  u32 errno, bytes              answer to each ioctl, in order
 *        d  bytes                         read from the device
 *
 * Ends with its input.
 */
export const PERL_DEVICE_SCRIPT = `
use strict;
use warnings;
use Fcntl;

binmode STDIN;
binmode STDOUT;

sub send_frame {
    my ($kind, $payload) = @_;
    my $frame = $kind . pack('V', length $payload) . $payload;
    while (length $frame) {
        my $sent = syswrite STDOUT, $frame;
        exit 0 unless defined $sent;
        substr $frame, 0, $sent, '';
    }
}

my $device;
if (!sysopen $device, $ARGV[0], O_RDWR | O_NONBLOCK) {
    send_frame('o', pack 'V', $! + 0);
    exit 1;
}
send_frame('o', pack 'V', 0);

sub obey {
    my ($kind, $payload) = @_;
    if ($kind eq 'w') {
        syswrite $device, $payload;
        return;
    }
    my $request = unpack 'V', $payload;
    my $argument = substr $payload, 4;
    my $size = length $argument;
    my $done = $kind eq 'i'
        ? ioctl($device, $request, unpack('V', $argument) + 0)
        : ioctl($device, $request, $argument);
    my $errno = $! + 0;
    # Perl lengthens a buffer whose size the request does not tell.
    my $left = $kind eq 'i' ? '' : substr $argument, 0, $size;
    send_frame('r', pack('V', defined $done ? 0 : $errno) . $left);
}

my $input = '';
while (1) {
    my $readable = '';
    vec($readable, fileno STDIN, 1) = 1;
    vec($readable, fileno $device, 1) = 1;
    next if select($readable, undef, undef, undef) < 0;
    if (vec $readable, fileno $device, 1) {
        my $count = sysread $device, my $bytes, 4096;
        exit 0 if defined $count && $count == 0;
        send_frame('d', $bytes) if $count;
    }
    next unless vec $readable, fileno STDIN, 1;
    my $count = sysread STDIN, $input, 65536, length $input;
    exit 0 unless $count;
    while (length $input >= 5) {
        my ($kind, $length) = unpack 'aV', $input;
        last if length $input < 5 + $length;
        obey($kind, substr $input, 5, $length);
        substr $input, 0, 5 + $length, '';
    }
}
`;
