// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// Contracts for tests on a real EVM node. `artifacts.json` beside this file holds the output of solc (0.8.37,
// optimizer on, evmVersion paris), so the tests need no compiler.

contract Token {
    string public name = "USD Coin";
    string public symbol = "USDC";
    uint8 public constant decimals = 6;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    function mint(address to, uint256 value) external {
        totalSupply += value;
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        _move(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        allowance[from][msg.sender] -= value;
        _move(from, to, value);
        return true;
    }

    function _move(address from, address to, uint256 value) internal virtual {
        balanceOf[from] -= value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
    }
}

// Keeps one percent of every transfer; its event has the amount that the receiver got.
contract FeeToken is Token {
    function _move(address from, address to, uint256 value) internal override {
        uint256 fee = value / 100;
        balanceOf[from] -= value;
        balanceOf[to] += value - fee;
        balanceOf[address(this)] += fee;
        emit Transfer(from, to, value - fee);
    }
}

// Calls itself USDC, and emits events of transfers that never happened.
contract FakeToken {
    string public symbol = "USDC";
    uint8 public constant decimals = 6;

    event Transfer(address indexed from, address indexed to, uint256 value);

    function pretend(address from, address to, uint256 value) external {
        emit Transfer(from, to, value);
    }
}

// An item, not an amount: its event has the same name and one more indexed field.
contract Collectible {
    event Transfer(address indexed from, address indexed to, uint256 indexed id);

    function mint(address to, uint256 id) external {
        emit Transfer(address(0), to, id);
    }
}

// A contract between a payer and an address, such as a router, an exchange or a smart wallet.
contract Router {
    receive() external payable {}

    function pay(Token token, address to, uint256 value) external {
        token.transferFrom(msg.sender, to, value);
    }

    function payTwice(Token token, address to, uint256 first, uint256 second) external {
        token.transferFrom(msg.sender, to, first);
        token.transferFrom(msg.sender, to, second);
    }

    function forward(address payable to) external payable {
        (bool done, ) = to.call{value: msg.value}("");
        require(done, "refused");
    }

    // The inner call pays and is undone; the transaction itself succeeds.
    function forwardAndUndo(address payable to) external payable {
        try this.payAndRevert{value: msg.value}(to) {} catch {}
    }

    function payAndRevert(address payable to) external payable {
        (bool done, ) = to.call{value: msg.value}("");
        require(!done, "undone");
    }

    function destroyTo(address payable to) external payable {
        selfdestruct(to);
    }
}

// The two functions of Multicall3 that the reader uses, for its well-known address.
contract Balances {
    struct Call3 {
        address target;
        bool allowFailure;
        bytes callData;
    }

    struct Result {
        bool success;
        bytes returnData;
    }

    function getEthBalance(address of_) external view returns (uint256) {
        return of_.balance;
    }

    function aggregate3(Call3[] calldata calls) external payable returns (Result[] memory results) {
        results = new Result[](calls.length);
        for (uint256 place = 0; place < calls.length; place++) {
            (bool success, bytes memory told) = calls[place].target.call(calls[place].callData);
            require(success || calls[place].allowFailure, "failed");
            results[place] = Result(success, told);
        }
    }
}
