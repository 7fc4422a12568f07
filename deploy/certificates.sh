#!/bin/sh
# Makes a private authority, and certificates that processes show one another.
#
#   sh certificates.sh FOLDER NAME=HOST[,HOST...] ...
#   sh certificates.sh secrets coordinator=coordinator,10.0.0.1 node=node nats=nats-1,nats-2,nats-3
#
# FOLDER then holds ca.pem and ca.key, and NAME.pem and NAME.key for every NAME. A HOST is a DNS name or an IP address that
# others reach the process by. An authority that is there already is used again; nothing is ever overwritten.
# DAYS (365) is how long certificates are valid.
set -eu
umask 077

refuse() {
    echo "certificates.sh: $1" >&2
    exit 2
}

[ $# -ge 2 ] || refuse "usage: sh certificates.sh FOLDER NAME=HOST[,HOST...] ..."
folder=$1
shift
days=${DAYS:-365}
mkdir -p "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Everything is looked at before anything is written.
for entry in "$@"; do
    name=${entry%%=*}
    case $entry in
        [A-Za-z0-9]*=?*) ;;
        *) refuse "\`$entry\` is not NAME=HOST[,HOST...]" ;;
    esac
    case $name in
        *[!A-Za-z0-9._-]* | ca) refuse "\`$name\` cannot be the name of a certificate" ;;
    esac
    for file in "$folder/$name.pem" "$folder/$name.key"; do
        [ ! -e "$file" ] || refuse "$file exists: remove it first if it is to be made again"
    done
done
if [ -e "$folder/ca.pem" ] && [ ! -e "$folder/ca.key" ]; then
    refuse "$folder has ca.pem without ca.key: certificates cannot be signed"
fi
if [ ! -e "$folder/ca.pem" ] && [ -e "$folder/ca.key" ]; then
    refuse "$folder has ca.key without ca.pem: remove it first if it is of no use"
fi

# P-256 in PKCS #8, which every TLS library reads.
new_key() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

# `10.0.0.1,coordinator` becomes `IP:10.0.0.1,DNS:coordinator`.
alternatives() {
    echo "$1" | tr ',' '\n' | while read -r host; do
        case $host in
            '') ;;
            *:*) echo "IP:$host" ;;
            *[!0-9.]*) echo "DNS:$host" ;;
            *) echo "IP:$host" ;;
        esac
    done | paste -s -d , -
}

if [ ! -e "$folder/ca.pem" ]; then
    new_key "$work/ca.key"
    openssl req -x509 -new -key "$work/ca.key" -sha256 -days 3650 -subj "/CN=Echosphere" \
        -addext "keyUsage = critical, keyCertSign, cRLSign" -out "$work/ca.pem"
    mv "$work/ca.key" "$work/ca.pem" "$folder"
fi

for entry in "$@"; do
    name=${entry%%=*}
    cat > "$work/extensions" <<EXTENSIONS
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
# Each process is a server to some and a client to others.
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = $(alternatives "${entry#*=}")
EXTENSIONS
    new_key "$work/$name.key"
    openssl req -new -key "$work/$name.key" -subj "/CN=$name" -out "$work/request"
    openssl x509 -req -in "$work/request" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" \
        -set_serial "0x$(openssl rand -hex 16)" -sha256 -days "$days" -extfile "$work/extensions" \
        -out "$work/$name.pem" 2> "$work/complaint" || refuse "$name: $(cat "$work/complaint")"
    mv "$work/$name.key" "$work/$name.pem" "$folder"
done
