module stateset.dev/go

go 1.19
