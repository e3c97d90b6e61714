#!/usr/bin/perl
# Hold what an SMSC wrote down against what the database says.
#
#     judge.pl JOURNAL SHOWN contacts=N|running [known]
#
# JOURNAL is that of smsc.pl, SHOWN what `text_run show` printed after it was
# last written to or, with "running", while it is. One line for each problem;
# the exit status is 0 if there is none.
#
# At every time:
#   1. no part of a text was taken twice, a notice included;
#   2. a text that was taken has an attempt that ended SENT, UNDELIVERED or
#      UNKNOWN, or is live: as many have none as are in progress at most, not
#      counting notices, which no campaign counts;
#   3. a text that is SENT was taken and answered, every part of it;
#   4. a receipt that was acknowledged is in the database, unless the attempt is
#      UNKNOWN: then nobody knows its id;
#   5. a reply that was acknowledged is in the database, and whoever wrote STOP
#      is on the list; nothing but one confirmation is taken for that number
#      after it.
# When it is over (not "running"):
#   6. nothing is in progress, and each of the N contacts has one text that is
#      SENT, UNDELIVERED or UNKNOWN, is on the list, or is queued still;
#   7. who was texted and wrote STOP got the confirmation, or it is UNKNOWN.
# With "known": no attempt is UNKNOWN.
use strict;
use warnings;

my ($journal, $shown, @words) = @ARGV;
my %is = map { $_ => 1 } grep { !/=/ } @words;
my %value = map { /^(\w+)=(.*)/ ? ($1 => $2) : () } @words;
my @problems;

sub problem { push @problems, join ' ', @_ }

# What a text is for, by how it begins: GSM letters are those of ASCII.
sub notice_of {
    my ($hex) = @_;
    my $text = pack 'H*', $hex;
    $text =~ s/\0//g;
    return $text =~ /^Confirmed:/ ? 'confirm' : $text =~ /^Help:/ ? 'help' :
        'none';
}

# == the journal ===============================================================

my %taken;    # by phone and notice: {part => [message, ...]}, parts
my %text_of;  # by message: [phone, notice]
my %answered; # by message
my %receipts; # by phone and notice: {message => last acknowledged state}
my %mo;       # by number: [from, to, hex]
my %is_out;   # phones whose STOP is acknowledged
my %counts;

open my $in, '<', $journal or die "$journal: $!\n";
while (<$in>) {
    my ($what, @rest) = split ' ';
    $counts{$what}++;
    if ($what eq 'taken') {
        my ($message, $to, $from, $part, $parts, $coding, $validity, $hex) =
            @rest;
        my $notice = $part == 1 ? notice_of($hex) : 'none';
        my $key = "$to $notice";
        problem('a text after the confirmation of STOP is taken for', $to)
            if $is_out{$to} && $notice ne 'confirm';
        push @{$taken{$key}{part}{$part}}, $message;
        $taken{$key}{parts} = $parts;
        $text_of{$message} = $key;
    } elsif ($what eq 'answered') {
        $answered{$rest[0]} = 1;
    } elsif ($what eq 'receipt-ack') {
        $receipts{$text_of{$rest[0]}}{$rest[0]} = $rest[1]
            if $rest[1] ne 'ENROUTE';
    } elsif ($what eq 'mo') {
        $mo{$rest[0]} = [@rest[1 .. 3]];
    } elsif ($what eq 'mo-ack') {
        my $mo = $mo{$rest[0]};
        $mo->[3] = 1;
        $is_out{$mo->[0]} = 1 if pack('H*', $mo->[2]) =~ /^\W*stop\b/i;
    }
}
close $in;

# == the database ==============================================================

my %state;
my %rows; # by phone and notice: [disposition, delivery, segments]
my %reply;
my %listed;
open $in, '<', $shown or die "$shown: $!\n";
while (<$in>) {
    my ($what, @rest) = split ' ';
    if ($what eq 'state') {
        %state = (name => @rest);
    } elsif ($what eq 'text') {
        push @{$rows{"$rest[0] $rest[1]"}}, [@rest[2, 3, 5]];
    } elsif ($what eq 'reply') {
        $reply{"$rest[0] $rest[1] $rest[4]"} = $rest[2];
    } elsif ($what eq 'dnc') {
        $listed{$rest[0]} = 1;
    }
}
close $in;
defined $state{name} or die "$shown: there is no state in it\n";

# The row of an attempt that reached the network, or may have.
sub reached {
    my ($key) = @_;
    my @reached = grep { $_->[0] =~ /^(sent|undelivered|unknown)\z/ }
        @{$rows{$key} || []};
    problem(scalar @reached, 'attempts reached the network for', $key)
        if @reached > 1;
    return $reached[0];
}

# == the rules =================================================================

my $missing = 0;
for my $key (sort keys %taken) {
    my $part = $taken{$key}{part};
    for my $n (sort keys %$part) {
        problem('taken twice:', $key, "part $n", "(@{$part->{$n}})")
            if @{$part->{$n}} > 1;
    }
    next if $is{running} && $key !~ / none\z/;
    $missing++ if !defined reached($key);
}
problem($missing, 'texts were taken and have no attempt that says so,',
        $state{in_progress}, 'are in progress')
    if $missing > $state{in_progress};

for my $key (sort keys %rows) {
    my $row = reached($key);
    next if !defined $row || $row->[0] eq 'unknown';
    my $part = $taken{$key}{part} || {};
    problem($key, "is $row->[0] and was not taken in $row->[2] parts")
        if keys %$part != $row->[2] &&
            !($taken{$key} && $taken{$key}{parts} == 1);
    for my $n (sort keys %$part) {
        problem($key, "is $row->[0] and part $n was not answered")
            if !grep { $answered{$_} } @{$part->{$n}};
    }
}

for my $key (sort keys %receipts) {
    my $row = reached($key);
    next if !defined $row || $row->[0] eq 'unknown';
    my @states = values %{$receipts{$key}};
    my $is_whole = @states == keys %{$taken{$key}{part}};
    my $wanted = (grep { $_ eq 'UNDELIV' } @states) ? 'failed' :
        (grep { $_ eq 'EXPIRED' } @states) ? 'expired' :
        $is_whole ? 'delivered' : '';
    problem($key, "is $row->[1], the receipts acknowledged say $wanted")
        if $wanted ne '' && $row->[1] ne $wanted;
}

for my $n (sort { $a <=> $b } keys %mo) {
    my ($from, $to, $hex, $is_acked) = @{$mo{$n}};
    next if !$is_acked;
    problem("reply $n of", $from, 'was acknowledged and is not there')
        if !defined $reply{"$from $to $hex"};
    problem($from, 'wrote STOP and is not on the list')
        if $is_out{$from} && !$listed{$from};
}

if (!$is{running}) {
    problem($state{in_progress}, 'are in progress') if $state{in_progress};
    my @left = grep { !defined reached("$_ none") && !$listed{$_} }
        map { sprintf '1212555%04d', 2000 + $_ } 0 .. $value{contacts} - 1;
    problem(scalar @left, 'have no text, such as', $left[0],
            "and $state{queued} are queued")
        if @left != $state{queued};
    for my $phone (sort keys %is_out) {
        problem($phone, 'has no confirmation')
            if $taken{"$phone none"} && !defined reached("$phone confirm");
    }
}
my @unknown = grep { grep { $_->[0] eq 'unknown' } @{$rows{$_}} } keys %rows;
problem(scalar @unknown, 'are unknown, such as', $unknown[0])
    if $is{known} && @unknown;

print "$_\n" for @problems;
if (!@problems) {
    print join(', ', map { "$_ $counts{$_}" } sort keys %counts), ', unknown ',
        scalar @unknown, "\n";
}
exit(@problems ? 1 : 0);
