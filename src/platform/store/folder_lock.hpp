#pragma once
// One process per data folder. The embedded database has one writer, and what it keeps in memory
// (number blocks, caches) is true only while nobody else writes: a second process is refused before
// it opens anything. The lock is the kernel's (flock on `stateset.lock`), so it ends with its
// process however that ends.

#include <string>

namespace stateset::store {

class FolderLock {
  public:
    // Throws std::runtime_error naming the folder and the process that holds it, or why the folder
    // cannot be used.
    explicit FolderLock(const std::string& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

  private:
    int file_ = -1;
};

}  // namespace stateset::store
