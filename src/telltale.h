/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a server that embeds telltale needs: the policy and the catalogue at its start, the gate and the ring for each request.
 */
#ifndef TT_TELLTALE_H
#define TT_TELLTALE_H

#include "base/hash.h"
#include "base/limits.h"
#include "catalog/catalog.h"
#include "catalog/read.h"
#include "gate/gate.h"
#include "gate/message.h"
#include "gate/pay.h"
#include "gate/record.h"
#include "ledger/accounts.h"
#include "ledger/ring.h"
#include "marks/learned.h"
#include "policy/policy.h"
#include "text/kernel.h"
#include "traffic/answer.h"
#include "traffic/route.h"
#include "traffic/usage.h"
#include "json/node.h"

#endif
