#!/usr/bin/perl
# An SMSC on loopback that behaves as it is told: the far end of the SMPP tests.
#
#     smsc.pl port=N control=N journal=FILE [NAME=VALUE]...
#
# The protocol is that of Net::SMPP, which shares no line with libsmpp34. Two
# files go with it: the journal, to which it appends what happened, each line in
# one write and before the client can know of it; and the control port, which
# takes the words of the command line while it runs, one line at a time, and
# answers each with "ok" or what is wrong:
#
#     NAME=VALUE ...           change what it does, see %set below
#     mo FROM TO CODING TEXT   a person writes; CODING: gsm, ucs2, or gsm_parts
#                              and ucs2_parts, which come in two parts with a
#                              UDH; TEXT is UTF-8 to the end of the line
#     drop                     close every connection, now
#     stats                    how much was taken, sent and is waiting
#
# Lines of the journal:
#
#     bind ID                  a client is bound, or "bind-refused ID"
#     taken MESSAGE TO FROM PART PARTS CODING VALIDITY HEX
#                              a submit_sm is taken: from here the text is on
#                              its way, whether or not the client hears of it
#     answered MESSAGE         its answer leaves
#     refused STATUS TO PART   answered with an error: not taken
#     receipt MESSAGE STATE    a receipt leaves
#     receipt-ack MESSAGE STATE, receipt-nack MESSAGE STATE STATUS
#     mo N FROM TO HEX         a text of a person leaves, one line for each
#                              part; HEX is the UTF-8 of the whole
#     mo-ack N                 all parts of it are acknowledged; or
#                              mo-nack N STATUS, of one part
#     drop WHY                 a connection is closed from here
#     closed                   a connection was closed from there
#     stray COMMAND            a PDU that has no place where it came
use strict;
use warnings;

use Encode qw(decode encode);
use IO::Select;
use IO::Socket::INET;
use Net::SMPP;
use Time::HiRes qw(time);

$SIG{PIPE} = 'IGNORE';
binmode STDOUT, ':unix';

# What it does, by name; numbers unless said otherwise.
my %set = (
    port => 2775,
    control => 0,           # 0: no control port
    journal => '/dev/null', # text
    system_id => 'outdial', # text
    password => 'secret',   # text
    lifetime_s => 600,      # it ends by itself
    seed => 1,              # of the shares below
    answer_ms => 0,         # a submit_sm is answered so long after it came
    answer_reversed => 0,   # answers that fall due together go last first
    reject => 0,            # this share of 1000 is answered with reject_status
    reject_next => 0,       # so are the next n, and this counts down
    reject_status => 0x58,  # ESME_RTHROTTLED; 0x14: ESME_RMSGQFUL
    reject_bare => 0,       # 1: errors have no message_id, not an empty one
    per_second => 0,        # more than n within a second are throttled
    mute => 0,              # the next n are taken and never answered
    drop_after => 100,      # drop whenever so many more were taken ...
    drop_mute => 0,         # ... the last n of which are not answered ...
    drop_times => 0,        # ... so often; this counts down
    enquire => 1,           # 0: enquire_link gets no answer
    bind => 1,              # 0: every bind is refused
    receipts => 'text',     # none, text, tlv, or mixed
    receipt_ms => 20,       # after the answer
    receipt_early => 0,     # share of 1000 that comes before the answer
    receipt_twice => 0,     # share of 1000 that comes twice
    receipt_never => 0,     # share of 1000 that never comes
    receipt_sent => 0,      # share of 1000 with ENROUTE/ACCEPTD in front
    undelivered => 0,       # share of 1000 that is UNDELIV
    expired => 0,           # share of 1000 that is EXPIRED
    receipt_code => '034',  # text: err: of what is not delivered
    ids => 'plain',         # or hex: so in answers, decimal in receipts
    reply_every => 0,       # who got every n-th text that was delivered writes
    reply_text => 'STOP',   # that
    window => 50,           # deliver_sm that await their answer
);

# == the journal ===============================================================

my $journal;

sub note {
    my $line = join(' ', @_) . "\n";
    defined syswrite($journal, $line) or die "journal: $!\n";
}

# == timers ====================================================================

my @timers; # [when, code], the earliest first

sub after_ms {
    my ($ms, $code) = @_;
    my $when = time + $ms / 1000;
    my $at = @timers;
    $at-- while $at > 0 && $timers[$at - 1][0] > $when;
    splice @timers, $at, 0, [$when, $code];
}

sub run_timers {
    my $now = time;
    while (@timers && $timers[0][0] <= $now) {
        (shift @timers)->[1]->();
    }
}

# == connections ===============================================================

my $select = IO::Select->new;
my %clients; # by file number: {socket, bound, pending, outstanding}
my %stats = (taken => 0, answered => 0, refused => 0, receipts => 0,
             acked => 0);
my $next_message = 0;
my @deliveries; # deliver_sm that wait for a connection or a place
my %seen_second = (at => 0, count => 0);

sub is_alive {
    my ($client) = @_;
    return exists $clients{$client->{fileno}} &&
        $clients{$client->{fileno}} == $client;
}

sub close_client {
    my ($client) = @_;
    delete $clients{$client->{fileno}};
    $select->remove($client->{socket});
    close $client->{socket};
    # What was not acknowledged is handed over again.
    unshift @deliveries, map { $client->{outstanding}{$_} }
        sort { $a <=> $b } keys %{$client->{outstanding}};
}

sub drop_all {
    my ($why) = @_;
    for my $client (values %clients) {
        note('drop', $why);
        close_client($client);
    }
}

sub share { return rand(1000) < $_[0] }

# == texts from the client =====================================================

# The number of the part and of parts, from the UDH or the sar_ options.
sub part_of {
    my ($pdu) = @_;
    if (($pdu->{esm_class} & 0x40) && length $pdu->{short_message}) {
        my @udh = unpack 'C*', unpack('C/a', $pdu->{short_message});
        return ($udh[4], $udh[3]) if @udh >= 5 && $udh[0] == 0;
        return ($udh[5], $udh[4]) if @udh >= 6 && $udh[0] == 8;
    }
    return (1, 1) if !defined $pdu->{sar_total_segments};
    return (unpack('C', $pdu->{sar_segment_seqnum}),
            unpack('C', $pdu->{sar_total_segments}));
}

sub text_of {
    my ($pdu) = @_;
    return $pdu->{message_payload} if defined $pdu->{message_payload};
    return substr $pdu->{short_message},
        1 + unpack('C', $pdu->{short_message}) if $pdu->{esm_class} & 0x40;
    return $pdu->{short_message};
}

# Why it is not taken; 0: it is.
sub refusal {
    if ($set{per_second} > 0) {
        my $second = int time;
        %seen_second = (at => $second, count => 0)
            if $second != $seen_second{at};
        return 0x58 if ++$seen_second{count} > $set{per_second};
    }
    if ($set{reject_next} > 0) {
        $set{reject_next}--;
        return $set{reject_status};
    }
    return share($set{reject}) ? $set{reject_status} : 0;
}

sub refuse {
    my ($client, $pdu, $status) = @_;
    my ($part) = part_of($pdu);
    $stats{refused}++;
    note('refused', $status, $pdu->{destination_addr}, $part);
    if ($set{reject_bare}) {
        $client->{socket}->resp_backend(Net::SMPP::CMD_submit_sm_resp, '',
            undef, seq => $pdu->{seq}, status => $status);
    } else {
        $client->{socket}->submit_sm_resp(seq => $pdu->{seq},
            status => $status, message_id => '');
    }
}

sub answer {
    my ($client, $pdu, $text) = @_;
    return if !is_alive($client);
    note('answered', $text->{id});
    $stats{answered}++;
    $client->{socket}->submit_sm_resp(seq => $pdu->{seq},
        message_id => $text->{shown});
}

# Answers of one moment, in whichever order is asked for.
my @due;

sub answer_due {
    my @now = $set{answer_reversed} ? reverse @due : @due;
    @due = ();
    answer(@$_) for @now;
}

my $since_drop = 0;

sub take {
    my ($client, $pdu) = @_;
    my $id = ++$next_message;
    my ($part, $parts) = part_of($pdu);
    my $text = {
        id => $id,
        shown => $set{ids} eq 'hex' ? sprintf('%X', $id) : $id,
        to => $pdu->{destination_addr},
        from => $pdu->{source_addr},
        wants => $pdu->{registered_delivery} & 3,
    };
    note('taken', $id, $text->{to}, $text->{from}, $part, $parts,
         $pdu->{data_coding}, $pdu->{validity_period} || '-',
         unpack('H*', text_of($pdu)) || '-');
    $stats{taken}++;
    my $is_mute = $set{mute} > 0;
    $set{mute}-- if $is_mute;
    if ($set{drop_times} > 0) {
        $since_drop++;
        $is_mute ||= $since_drop > $set{drop_after} - $set{drop_mute};
    }
    my $is_early = share($set{receipt_early});
    receipts_begin($text, $is_early ? 0 : $set{answer_ms} + $set{receipt_ms});
    hand_over() if $is_early;
    if (!$is_mute) {
        if ($set{answer_ms} == 0 && !$set{answer_reversed}) {
            answer($client, $pdu, $text);
        } else {
            push @due, [$client, $pdu, $text];
            after_ms($set{answer_ms}, \&answer_due) if @due == 1;
        }
    }
    if ($set{drop_times} > 0 && $since_drop >= $set{drop_after}) {
        answer_due();
        drop_all('planned');
        $set{drop_times}--;
        $since_drop = 0;
    }
}

# == receipts and texts of people ==============================================

my $delivered = 0;

# Receipts of one text: now, if ms is 0, in front of its answer.
sub receipts_begin {
    my ($text, $ms) = @_;
    return if $set{receipts} eq 'none' || !$text->{wants} ||
        share($set{receipt_never});
    my $state = share($set{undelivered}) ? 'UNDELIV' :
        share($set{expired}) ? 'EXPIRED' : 'DELIVRD';
    my @states = ((share($set{receipt_sent}) ? 'ENROUTE' : ()), $state);
    push @states, $state if share($set{receipt_twice});
    my $form = $set{receipts} eq 'mixed' ?
        ($text->{id} % 2 ? 'text' : 'tlv') : $set{receipts};
    my $go = sub {
        push @deliveries, map { receipt($text, $_, $form) } @states;
        if ($state eq 'DELIVRD' && $set{reply_every} > 0 &&
            ++$delivered % $set{reply_every} == 0) {
            write_text($text->{to}, $text->{from}, 'gsm', $set{reply_text});
        }
    };
    $ms == 0 ? $go->() : after_ms($ms, $go);
}

my %number_of = (ENROUTE => 1, DELIVRD => 2, EXPIRED => 3, UNDELIV => 5);

sub receipt {
    my ($text, $state, $form) = @_;
    my $is_good = $state eq 'DELIVRD' || $state eq 'ENROUTE';
    my $code = $is_good ? '000' : $set{receipt_code};
    my @pdu = (
        source_addr_ton => 1, source_addr_npi => 1,
        source_addr => $text->{to},
        dest_addr_ton => 1, dest_addr_npi => 1,
        destination_addr => $text->{from},
        esm_class => 0x04,
    );
    if ($form eq 'tlv') {
        push @pdu, short_message => '',
            receipted_message_id => "$text->{shown}\0",
            message_state => pack('C', $number_of{$state}),
            network_error_code => pack('Cn', 3, $is_good ? 0 : hex $code);
    } else {
        push @pdu, short_message => "id:$text->{id} sub:001 dlvrd:" .
            ($state eq 'DELIVRD' ? '001' : '000') .
            ' submit date:2703101500 done date:2703101501 ' .
            "stat:$state err:$code text:";
    }
    my $left = 1;
    return {pdu => \@pdu, name => "$text->{id} $state", kind => 'receipt',
            left => \$left, line => ''};
}

my $next_mo = 0;

# A person writes: one deliver_sm, or two with a UDH.
sub write_text {
    my ($from, $to, $coding, $text) = @_;
    my $parts = $coding =~ s/_parts\z// ? 2 : 1;
    my $left = $parts;
    my $n = ++$next_mo;
    my $hex = unpack 'H*', encode('UTF-8', $text);
    my @pieces = ($text);
    if ($parts == 2) {
        my $half = int(length($text) / 2);
        @pieces = (substr($text, 0, $half), substr($text, $half));
    }
    my $i = 0;
    for my $piece (@pieces) {
        $i++;
        my $octets = $coding eq 'ucs2' ? encode('UTF-16BE', $piece) :
            encode('gsm0338', $piece);
        my $udh = $parts == 2 ? pack('C6', 5, 0, 3, $n & 255, 2, $i) : '';
        push @deliveries, {
            pdu => [
                source_addr_ton => 1, source_addr_npi => 1,
                source_addr => $from,
                dest_addr_ton => 1, dest_addr_npi => 1,
                destination_addr => $to,
                esm_class => $parts == 2 ? 0x40 : 0,
                data_coding => $coding eq 'ucs2' ? 8 : 0,
                short_message => $udh . $octets,
            ],
            name => $n, kind => 'mo', left => \$left,
            line => " $from $to $hex",
        };
    }
    hand_over();
}

# Send what waits, as far as there is a connection with a place.
sub hand_over {
    for my $client (grep { $_->{bound} } values %clients) {
        while (@deliveries && keys %{$client->{outstanding}} < $set{window}) {
            my $d = shift @deliveries;
            note($d->{kind}, $d->{name} . $d->{line});
            my $seq = $client->{socket}->deliver_sm(async => 1,
                                                    @{$d->{pdu}});
            $client->{outstanding}{$seq} = $d;
            $stats{receipts}++;
        }
    }
}

sub acknowledged {
    my ($client, $pdu) = @_;
    my $d = delete $client->{outstanding}{$pdu->{seq}};
    if (!defined $d) {
        note('stray', 'deliver_sm_resp');
    } elsif ($pdu->{status} == 0) {
        note("$d->{kind}-ack", $d->{name}) if --${$d->{left}} == 0;
        $stats{acked}++;
    } else {
        note("$d->{kind}-nack", $d->{name}, $pdu->{status});
        after_ms(200, sub { push @deliveries, $d });
    }
}

# == PDUs ======================================================================

sub bind_client {
    my ($client, $pdu) = @_;
    my $status = !$set{bind} ? 0x0d :
        $pdu->{system_id} ne $set{system_id} ? 0x0f :
        $pdu->{password} ne $set{password} ? 0x0e : 0;
    my $resp = $pdu->{cmd} | 0x80000000;
    $client->{socket}->resp_backend($resp, pack('Z*', 'smsc'), undef,
        seq => $pdu->{seq}, status => $status);
    $client->{bound} = $status == 0;
    note($status == 0 ? 'bind' : 'bind-refused', $pdu->{system_id});
}

sub on_pdu {
    my ($client, $pdu) = @_;
    my $cmd = $pdu->{cmd};
    if ($cmd == Net::SMPP::CMD_bind_transceiver) {
        bind_client($client, $pdu);
    } elsif ($cmd == Net::SMPP::CMD_enquire_link) {
        $client->{socket}->enquire_link_resp(seq => $pdu->{seq})
            if $set{enquire};
    } elsif ($cmd == Net::SMPP::CMD_unbind) {
        $client->{socket}->unbind_resp(seq => $pdu->{seq});
    } elsif ($cmd == Net::SMPP::CMD_submit_sm && $client->{bound}) {
        my $status = refusal();
        $status ? refuse($client, $pdu, $status) : take($client, $pdu);
    } elsif ($cmd == Net::SMPP::CMD_deliver_sm_resp) {
        acknowledged($client, $pdu);
    } elsif ($cmd != (Net::SMPP::CMD_enquire_link | 0x80000000)) {
        note('stray', sprintf '%08x', $cmd);
    }
}

sub on_client {
    my ($client) = @_;
    local $SIG{__WARN__} = sub { }; # Net::SMPP tells that a client is gone
    my $pdu = $client->{socket}->read_pdu;
    if (!defined $pdu) {
        note('closed');
        close_client($client);
        return;
    }
    on_pdu($client, $pdu);
}

# == the control port ==========================================================

sub apply {
    my ($line) = @_;
    for my $word (split ' ', $line) {
        my ($name, $value) = $word =~ /^([a-z_]+)=(.*)\z/;
        return "what is $word?" if !defined $name || !exists $set{$name};
        $value = hex $value if $value =~ /^0x/;
        $set{$name} = $value;
    }
    return 'ok';
}

sub command {
    my ($line) = @_;
    if ($line =~ /^mo (\d+) (\d+) ((?:gsm|ucs2)(?:_parts)?) (.*)\z/) {
        write_text($1, $2, $3, decode('UTF-8', $4));
        return 'ok';
    }
    if ($line eq 'drop') {
        drop_all('told');
        return 'ok';
    }
    if ($line eq 'stats') {
        my $waiting = @deliveries;
        $waiting += keys %{$_->{outstanding}} for values %clients;
        return join ' ', (map { "$_=$stats{$_}" } sort keys %stats),
            "waiting=$waiting", 'timers=' . @timers,
            'bound=' . grep { $_->{bound} } values %clients;
    }
    return apply($line);
}

# == the loop ==================================================================

sub listen_on {
    my ($class, $port) = @_;
    my $socket = $class->new(LocalAddr => '127.0.0.1', LocalPort => $port,
        ReuseAddr => 1, Listen => 16, Proto => 'tcp');
    die "port $port: $@\n" if !defined $socket;
    return $socket;
}

my $complaint = apply(join ' ', @ARGV);
die "$complaint\n" if $complaint ne 'ok';
srand $set{seed};
open $journal, '>>', $set{journal} or die "$set{journal}: $!\n";
# Message ids go on where a process before this one ended.
if (open my $before, '<', $set{journal}) {
    while (<$before>) {
        $next_message = $1 if /^taken (\d+) / && $1 > $next_message;
        $next_mo = $1 if /^mo (\d+) / && $1 > $next_mo;
    }
}

my $control = $set{control} ? listen_on('IO::Socket::INET', $set{control})
    : undef;
my $listener = Net::SMPP->new_listen('127.0.0.1', port => $set{port})
    or die "port $set{port}: $@\n";
$select->add($listener);
$select->add($control) if defined $control;
my %talks; # of the control port: what was read of a line, by socket

my $end = time + $set{lifetime_s};
while (time < $end) {
    my $wait = @timers ? $timers[0][0] - time : 1;
    my @ready = $select->can_read($wait < 0 ? 0 : $wait > 1 ? 1 : $wait);
    for my $socket (@ready) {
        if ($socket == $listener) {
            my $new = $listener->accept or next;
            $select->add($new);
            $clients{fileno $new} = {socket => $new, fileno => fileno $new,
                                     bound => 0, outstanding => {}};
        } elsif (defined $control && $socket == $control) {
            my $new = $control->accept or next;
            $select->add($new);
            $talks{$new} = '';
        } elsif (exists $talks{$socket}) {
            if (!sysread $socket, $talks{$socket}, 4096,
                length $talks{$socket}) {
                delete $talks{$socket};
                $select->remove($socket);
                close $socket;
                next;
            }
            while ($talks{$socket} =~ s/^(.*?)\r?\n//) {
                syswrite $socket, command($1) . "\n";
            }
        } else {
            # A client may have been dropped in this very round.
            my $fileno = fileno $socket;
            on_client($clients{$fileno})
                if defined $fileno && exists $clients{$fileno};
        }
    }
    run_timers();
    hand_over();
}
